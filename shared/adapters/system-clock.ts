import { setTimeout as wait } from 'node:timers/promises';
import type { AlarmClock } from '../ports/clock.ts';

const sleep: AlarmClock['sleep'] = async (ms, signal) => {
  try {
    await wait(ms, undefined, signal ? { signal } : undefined);
  } catch (error) {
    // An abort ends the wait early and is no failure; the caller looks at its signal.
    if (!signal?.aborted) throw error;
  }
};

/** The computer's clock. A sleep holds the process open, as the work that waits is not done yet. */
export const systemClock: AlarmClock = {
  nowMs: () => Date.now(),
  sleep,
  until: (atMs, signal) => sleep(Math.max(atMs - Date.now(), 0), signal),
};
