import type { WorkQueue } from '../ports/work-queue.ts';

export interface InlineWorkQueue extends WorkQueue {
  /** The subscriptions woken since the last call, each once, in order of their first wake-up. */
  take(): readonly string[];
  /** From now on `listener` is called after each wake-up; `take` then returns it. The returned function stops that. */
  onWake(listener: () => void): () => void;
}

/** A WorkQueue within this process: wake-ups wait until `take` is called, and are lost with the process. */
export const inlineWorkQueue = (): InlineWorkQueue => {
  const waiting = new Set<string>();
  const listeners = new Set<() => void>();
  return {
    wake: async (subscription) => {
      waiting.add(subscription);
      for (const listener of listeners) listener();
    },
    take: () => {
      const woken = [...waiting];
      waiting.clear();
      return woken;
    },
    onWake: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
};
