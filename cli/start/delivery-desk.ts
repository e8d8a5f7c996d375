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
  /** The tenant of a subscription: places are divided between tenants. */
  readonly tenantOf: (id: string) => string;
  readonly clock: Clock;
}

/** If an exchange takes longer than this, its receiver counts as slow and another subscription may start. */
const patienceMs = 1_000;
/** At most this many times `atOnce` are under way, slow receivers included, because the batches they hold lie in memory. */
const mostUnderWay = 4;

/**
 * Runs `deliver` for every woken subscription, and never one subscription twice at a time. At most `atOnce` run at a time; a subscription that
 * waits for a slow receiver does not count, so a few dead endpoints take nothing from the others.
 *
 * Tenants take turns; of one tenant's subscriptions the one that was woken first comes first. While other tenants wait, a tenant has at most
 * half of the places. Of the deliveries under way a tenant always leaves `atOnce` to the others, so nobody waits for another tenant's dead
 * endpoints, however many there are.
 * @param deliver never throws: it says what went wrong
 */
export const deliveryDesk = (
  deliver: (id: string, place: Place) => Promise<Turn>,
  { atOnce, tenantOf, clock }: DeskOptions,
): DeliveryDesk => {
  /** Subscriptions by tenant, the tenant whose turn it is first. */
  const waiting = new Map<string, Set<string>>();
  const underWay = new Set<string>();
  const ofTenant = new Map<string, { underWay: number; slow: number }>();
  const listeners: (() => void)[] = [];
  let slowWaiting = 0;

  const isFull = (): boolean => underWay.size - slowWaiting >= atOnce || underWay.size >= atOnce * mostUnderWay;

  const queue = (id: string): void => {
    const tenant = tenantOf(id);
    waiting.set(tenant, (waiting.get(tenant) ?? new Set()).add(id));
  };

  const next = (): string | undefined => {
    let beyondHalf: string | undefined;
    for (const [tenant, ids] of waiting) {
      const has = ofTenant.get(tenant) ?? { underWay: 0, slow: 0 };
      if (has.underWay >= atOnce * (mostUnderWay - 1)) continue;
      for (const id of ids) {
        if (underWay.has(id)) continue;
        if (has.underWay - has.slow < atOnce / 2) return id;
        beyondHalf ??= id;
        break;
      }
    }
    return beyondHalf;
  };

  const begin = (id: string): void => {
    const tenant = tenantOf(id);
    const ids = waiting.get(tenant);
    ids?.delete(id);
    // The tenant goes behind all others that wait.
    waiting.delete(tenant);
    if (ids && ids.size > 0) waiting.set(tenant, ids);
    const has = ofTenant.get(tenant) ?? { underWay: 0, slow: 0 };
    ofTenant.set(tenant, has);
    underWay.add(id);
    has.underWay += 1;
    const countSlow = (by: 1 | -1): void => {
      slowWaiting += by;
      has.slow += by;
    };
    void deliver(id, { during: (exchange) => during(exchange, countSlow) }).then((turn) => {
      underWay.delete(id);
      has.underWay -= 1;
      if (has.underWay === 0) ofTenant.delete(tenant);
      if (turn === 'more') queue(id);
      fill();
    });
  };

  const during = async <T>(exchange: Promise<T>, countSlow: (by: 1 | -1) => void): Promise<T> => {
    const over = new AbortController();
    let isSlow = false;
    void clock.sleep(patienceMs, over.signal).then(() => {
      if (over.signal.aborted) return;
      isSlow = true;
      countSlow(1);
      fill();
    });
    try {
      return await exchange;
    } finally {
      over.abort();
      if (isSlow) countSlow(-1);
    }
  };

  const fill = (): void => {
    while (!isFull()) {
      const id = next();
      if (id === undefined) break;
      begin(id);
    }
    if (underWay.size === 0) for (const listener of listeners.splice(0)) listener();
  };

  return {
    wake: (id) => {
      queue(id);
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
