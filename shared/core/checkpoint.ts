/** How far pull has come, one record per source. */
import type { ExceptionListRef } from './exception-list.ts';
import { cutToMs, earliest, type Instant, instantFromMs, latest } from './instant.ts';
import type { LeftWalk } from './left-walk.ts';

export interface Checkpoint {
  /** Where the record begins (`SLUICE_START` at the first pull): nothing older is asked for, unless by a backfill. */
  readonly begin: Instant;
  /** Every event older than this that was visible in time is in the journal. Never goes back. */
  readonly watermark: Instant;
  /** A segment known to be appended; the journal itself says whether there are newer ones. 0: none yet. */
  readonly head: number;
  /** When the last walk ended, ISO 8601. */
  readonly scannedAt: string;
  /** Segments of kind `exception` that are in no list yet. */
  readonly exceptions: readonly number[];
  /** Those before: their keys are remembered for ever. */
  readonly listed?: ExceptionListRef;
  /** How many events without a readable time or dated ahead there were when they were last walked to the end, and when that was. */
  readonly outside?: { readonly count: number; readonly walkedAtMs: number };
  /** Where the last run stopped within one instant. */
  readonly left?: LeftWalk;
}

export const checkpointPartition = 'checkpoint';

/**
 * Where the watermark may move. Mid-walk: not past the last event seen, nor into the time in which events may still become
 * visible (before the view was opened, less the overlap). At the end of a walk: to that time itself, but never past the end of the range
 * that was walked, which a view that was opened anew hours later leaves far behind. Never backwards, and never within a millisecond:
 * asked from there, an index of milliseconds gives the whole of it again, and keys before the watermark are forgotten.
 */
export const advancedWatermark = (
  watermark: Instant,
  walk: {
    readonly openedAtMs: number;
    /** The end of its range. */
    readonly to: Instant;
    readonly overlapMs: number;
    readonly lastTime: Instant | undefined;
    readonly ended: 'ended' | 'going on';
  },
): Instant => {
  const settled = earliest(instantFromMs(walk.openedAtMs - walk.overlapMs), walk.to);
  if (walk.ended === 'ended') return latest(watermark, settled);
  return walk.lastTime === undefined ? watermark : latest(watermark, earliest(cutToMs(walk.lastTime), settled));
};

const outsideHoldsMs = 60 * 60_000;

/** Whether what lies outside every range need not be read again: as many as before, and read within the hour. */
export const isOutsideKnown = (outside: Checkpoint['outside'], count: number, nowMs: number): boolean =>
  outside !== undefined && outside.count === count && nowMs - outside.walkedAtMs < outsideHoldsMs;
