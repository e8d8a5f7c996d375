import type { AlarmClock } from '../../shared/ports/clock.ts';

export interface DrivenClock extends AlarmClock {
  /** Lets time pass, wakes who slept until then, and lets them act. */
  pass(ms: number): Promise<void>;
}

/** A clock for several sleepers at once: it moves only when the test says so, and an abort wakes a sleeper early. */
export const drivenClock = (startMs = 0): DrivenClock => {
  let nowMs = startMs;
  const sleepers = new Set<{ readonly atMs: number; readonly wake: () => void }>();
  const sleep: DrivenClock['sleep'] = (ms, signal) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const sleeper = { atMs: nowMs + ms, wake: resolve };
    if (signal?.aborted) resolve();
    else sleepers.add(sleeper);
    signal?.addEventListener('abort', () => resolve());
    return promise;
  };
  return {
    nowMs: () => nowMs,
    sleep,
    until: (atMs, signal) => sleep(atMs - nowMs, signal),
    pass: async (ms) => {
      nowMs += ms;
      for (const sleeper of [...sleepers].filter(({ atMs }) => atMs <= nowMs)) {
        sleepers.delete(sleeper);
        sleeper.wake();
      }
      await new Promise(setImmediate);
    },
  };
};
