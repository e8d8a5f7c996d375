/**
 * A walk that a run had to stop in the middle of one instant.
 *
 * Normally the next run begins at the last time that was seen and reads all events of that instant again; events that the journal holds are
 * dropped by their keys. If more events share one instant than a run can read, every run would read the same events for ever. So the run
 * leaves the view open, and the next run goes on in it.
 */
import type { Instant } from './instant.ts';

/** A view that was left open: the source's own name for it, and what was true when it was opened. */
export interface LeftView {
  readonly id: string;
  readonly openedAtMs: number;
  readonly count: number;
}

export interface LeftWalk {
  readonly view: LeftView;
  readonly range: { readonly from: Instant; readonly to: Instant };
  /** The source's cursor: the events after it have not been read. */
  readonly after: readonly unknown[];
  /** How many events of the view were read, and how many of them lie before `lastTime`. */
  readonly walked: number;
  readonly walkedBefore: number;
  /** Those of them before the millisecond of `lastTime`; absent in records of older versions: as `walkedBefore`. */
  readonly walkedBeforeMs?: number;
  readonly lastTime: Instant;
}

const instantShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** Whether a record's value is a LeftWalk: with any other value the next run might skip events. */
export const isLeftWalk = (value: unknown): value is LeftWalk => {
  const { view, range, after, walked, walkedBefore, walkedBeforeMs = 0, lastTime } = Object(value);
  const { id, openedAtMs, count } = Object(view);
  const { from, to } = Object(range);
  return (
    typeof id === 'string' &&
    [openedAtMs, count, walked, walkedBefore, walkedBeforeMs].every(
      (number) => Number.isSafeInteger(number) && number >= 0,
    ) &&
    Array.isArray(after) &&
    [from, to, lastTime].every((instant) => typeof instant === 'string' && instantShape.test(instant))
  );
};

/** If more events of one millisecond than this were read, the view is kept open instead of reading them again. */
const mostReadAgain = 5_000;

/**
 * Whether a walk that stops here should be left open, rather than begun anew at its last time. The watermark always stands at a whole
 * millisecond (`advancedWatermark`), so all events of the last millisecond would be read again, however many instants it holds.
 */
export const isWorthLeaving = ({
  walked,
  walkedBeforeMs,
}: {
  readonly walked: number;
  readonly walkedBeforeMs: number;
}) => walked - walkedBeforeMs > mostReadAgain;
