import type { WorkQueue } from '../../shared/ports/work-queue.ts';
import { type Faults, faultKnobs } from './faults.ts';

export interface MemoryWorkQueue extends WorkQueue, Faults<'wake'> {
  /** The subscriptions woken since the last call, each once, in order of their first wake-up. */
  take(): readonly string[];
  /** Every accepted wake-up since the beginning, merged ones not repeated. */
  readonly wakeUps: readonly { readonly subscription: string; readonly reason: string }[];
}

/** A WorkQueue in memory: equal subscription and reason are merged for good, as a FIFO queue merges them for five minutes. */
export const memoryWorkQueue = (): MemoryWorkQueue => {
  const wakeUps: { readonly subscription: string; readonly reason: string }[] = [];
  let taken = 0;
  const { knobs, call } = faultKnobs<'wake'>();
  return {
    ...knobs,
    wakeUps,
    wake: (subscription, reason) =>
      call('wake', subscription, () => {
        if (!wakeUps.some((one) => one.subscription === subscription && one.reason === reason))
          wakeUps.push({ subscription, reason });
      }),
    take: () => {
      const fresh = wakeUps.slice(taken).map((one) => one.subscription);
      taken = wakeUps.length;
      return [...new Set(fresh)];
    },
  };
};
