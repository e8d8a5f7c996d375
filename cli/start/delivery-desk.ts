import type { Clock } from '../../shared/ports/clock.ts';

/** Decides which subscriptions are delivered to now, and which comes next. */
export interface DeliveryDesk {
  /** The subscription has something to do. If it is being delivered to already, it gets another turn afterwards. */
  wake(id: string): void;
  /** Resolves when no subscription is being delivered to and none waits. */
  idle(): Promise<void>;
}

/** One subscription's place at the desk, for the length of its turn. */
export interface Place {
  /** Awaits `exchange`. After one second this place stops counting towards `atOnce`, so another subscription may start. */
  during<T>(exchange: Promise<T>): Promise<T>;
}

/** `more`: the turn's time is up and there is more to do; the subscription queues again, behind all that wait. */
export type Turn = 'done' | 'more';

export interface DeskOptions {
  /** How many subscriptions are delivered to at a time; those that wait for a slow receiver do not count. */
  readonly atOnce: number;
  readonly clock: Clock;
}

/** If an exchange takes longer than this, its receiver counts as slow and another subscription may start. */
const patienceMs = 1_000;
/** At most this many times `atOnce` are under way, slow receivers included, because the batches they hold lie in memory. */
const mostUnderWay = 4;

/**
 * Runs `deliver` for every woken subscription, first come first served, and never one subscription twice at a time. At most `atOnce` run at
 * a time; a subscription that waits for a slow receiver does not count, so a few dead endpoints take nothing from the others.
 * @param deliver never throws: it says what went wrong
 */
export const deliveryDesk = (
  deliver: (id: string, place: Place) => Promise<Turn>,
  { atOnce, clock }: DeskOptions,
): DeliveryDesk => {
  const waiting = new Set<string>();
  const underWay = new Set<string>();
  const listeners: (() => void)[] = [];
  let slowWaiting = 0;

  const isFull = (): boolean => underWay.size - slowWaiting >= atOnce || underWay.size >= atOnce * mostUnderWay;

  const during: Place['during'] = async (exchange) => {
    const over = new AbortController();
    let isSlow = false;
    void clock.sleep(patienceMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      isSlow = true;
      slowWaiting += 1;
      fill();
    });
    try {
      return await exchange;
    } finally {
      over.abort();
      if (isSlow) slowWaiting -= 1;
    }
  };

  const fill = (): void => {
    for (const id of waiting) {
      if (isFull()) return;
      if (underWay.has(id)) continue;
      waiting.delete(id);
      underWay.add(id);
      void deliver(id, { during }).then((turn) => {
        underWay.delete(id);
        if (turn === 'more') waiting.add(id);
        fill();
      });
    }
    if (underWay.size === 0) for (const listener of listeners.splice(0)) listener();
  };

  return {
    wake: (id) => {
      waiting.add(id);
      fill();
    },
    idle: () => {
      if (underWay.size === 0 && waiting.size === 0) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      listeners.push(resolve);
      return promise;
    },
  };
};
