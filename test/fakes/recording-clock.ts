import type { Clock } from '../../shared/ports/clock.ts';

export interface RecordingClock extends Clock {
  /** Every wait asked for, in milliseconds. */
  readonly waits: readonly number[];
  advance(ms: number): void;
}

/** A clock that stands still until it is told otherwise. A sleep is recorded, moves the time, and returns at once. */
export const recordingClock = (options: { readonly startMs?: number } = {}): RecordingClock => {
  let nowMs = options.startMs ?? Date.UTC(2026, 0, 1);
  const waits: number[] = [];
  return {
    waits,
    nowMs: () => nowMs,
    advance: (ms) => {
      nowMs += ms;
    },
    sleep: async (ms, signal) => {
      if (signal?.aborted) return;
      waits.push(ms);
      nowMs += ms;
    },
  };
};
