import type { Clock } from '../../shared/ports/clock.ts';

/** Who is delivered to now, and who is next. */
export interface DeliveryDesk {
  /** The subscription has something to do. While it is at work already, it is looked at once more afterwards. */
  wake(id: string): void;
  /** Resolves when nobody is at work and nobody waits. */
  idle(): Promise<void>;
}

/** One subscription's place at the desk, for as long as it is at work. */
export interface Place {
  /** Waits for a receiver. From the second second on somebody else may work meanwhile. */
  during<T>(exchange: Promise<T>): Promise<T>;
}

/** `more`: its time is up and there is more to do; it queues again, behind everybody who waits. */
export type Turn = 'done' | 'more';

export interface DeskOptions {
  /** How many work at a time. */
  readonly atOnce: number;
  readonly clock: Clock;
}

/** A receiver that takes longer than this keeps its place, and somebody else gets one beside it. */
const patienceMs = 1_000;
/** So many times `atOnce` are under way at most, those included who wait for a slow receiver: what they hold lies in memory. */
const mostUnderWay = 4;

/**
 * Runs `deliver` for every woken subscription, first come first served, and never one subscription twice at a time. At most `atOnce` work;
 * one that waits for a slow receiver does not count, so that a few dead endpoints take nothing from the others.
 * @param deliver never throws: it says what went wrong
 */
export const deliveryDesk = (
  deliver: (id: string, place: Place) => Promise<Turn>,
  { atOnce, clock }: DeskOptions,
): DeliveryDesk => {
  const waiting = new Set<string>();
  const underWay = new Set<string>();
  const listeners: (() => void)[] = [];
  let patient = 0;

  const isFull = (): boolean => underWay.size - patient >= atOnce || underWay.size >= atOnce * mostUnderWay;

  const during: Place['during'] = async (exchange) => {
    const over = new AbortController();
    let counted = 0;
    void clock.sleep(patienceMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      counted = 1;
      patient += counted;
      fill();
    });
    try {
      return await exchange;
    } finally {
      over.abort();
      patient -= counted;
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
