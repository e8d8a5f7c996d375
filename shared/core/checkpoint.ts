/** How far pull has come, one record per source. */
import type { ExceptionListRef } from './exception-list.ts';
import { cutToMs, earliest, type Instant, instantFromMs, latest } from './instant.ts';
import type { LeftWalk } from './left-walk.ts';

export interface Checkpoint {
  /** Where the record begins (`SLUICE_START` at the first pull): only a backfill asks for older events. */
  readonly begin: Instant;
  /** Every event older than this that was visible in time is in the journal. Never goes back. */
  readonly watermark: Instant;
  /** A segment known to be appended; the journal itself says whether there are newer ones. 0: none yet. */
  readonly head: number;
  /** When the last walk ended, ISO 8601. */
  readonly scannedAt: string;
  /** Segments of kind `exception` that are in no list yet. */
  readonly exceptions: readonly number[];
  /** The list of earlier such segments; the keys of all of them are remembered for ever. */
  readonly listed?: ExceptionListRef;
  /** How many events without a readable time or dated ahead the last complete walk over them found, and when that was. */
  readonly outside?: { readonly count: number; readonly walkedAtMs: number };
  /** Where the last run stopped within one instant. */
  readonly left?: LeftWalk;
}

export const checkpointPartition = 'checkpoint';

/**
 * Whether no walk of this source has ended yet: the first pull writes its checkpoint before it asks the source for anything. Such a
 * checkpoint says neither up to when the record is complete nor when the source was looked at.
 */
export const isWithoutEnd = ({
  begin,
  watermark,
  outside,
}: Partial<Pick<Checkpoint, 'begin' | 'watermark' | 'outside'>>): boolean =>
  watermark === begin && outside === undefined;

/**
 * Where the watermark may move. Mid-walk: not past the last event seen, nor into the time in which events may still become visible (before
 * the view was opened, less the overlap). At the end of a walk: to the beginning of that time, but never past the end of the range that was
 * walked, which lies far back if the view was opened anew hours later. Never backwards. Always to a whole millisecond: an index of
 * milliseconds would bring all events of the millisecond again, and keys before the watermark are forgotten, so those events would be taken
 * for new.
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

/** Whether the events outside of every range need not be read again: there are as many as before, and they were read within the hour. */
export const isOutsideKnown = (outside: Checkpoint['outside'], count: number, nowMs: number): boolean =>
  outside !== undefined && outside.count === count && nowMs - outside.walkedAtMs < outsideHoldsMs;
