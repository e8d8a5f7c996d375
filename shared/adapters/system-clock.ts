import { setTimeout as wait } from 'node:timers/promises';
import type { Clock } from '../ports/clock.ts';

/** The computer's clock. A sleep holds the process open, as the work that waits is not done yet. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  sleep: async (ms, signal) => {
    try {
      await wait(ms, undefined, signal ? { signal } : undefined);
    } catch (error) {
      // An abort ends the wait early and is no failure; the caller looks at its signal.
      if (!signal?.aborted) throw error;
    }
  },
};
