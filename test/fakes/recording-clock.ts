import type { AlarmClock } from '../../shared/ports/clock.ts';

export interface RecordingClock extends AlarmClock {
  /** Every wait asked for, in milliseconds. */
  readonly waits: readonly number[];
  advance(ms: number): void;
}

/**
 * A clock that stands still until it is told otherwise. A sleep is recorded, moves the time, and returns at once. Whoever waits `until` a time
 * is woken when the time has been moved that far.
 */
export const recordingClock = (options: { readonly startMs?: number } = {}): RecordingClock => {
  let nowMs = options.startMs ?? Date.UTC(2026, 0, 1);
  const waits: number[] = [];
  const alarms = new Set<{ readonly atMs: number; readonly ring: () => void }>();
  const advance = (ms: number): void => {
    nowMs += ms;
    for (const { atMs, ring } of alarms) if (atMs <= nowMs) ring();
  };
  return {
    waits,
    nowMs: () => nowMs,
    advance,
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      waits.push(ms);
      advance(ms);
    },
    until: (atMs, signal) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const alarm = {
        atMs,
        ring: () => {
          alarms.delete(alarm);
          resolve();
        },
      };
      if (signal.aborted || atMs <= nowMs) return Promise.resolve();
      alarms.add(alarm);
      signal.addEventListener('abort', alarm.ring, { once: true });
      return promise;
    },
  };
};
