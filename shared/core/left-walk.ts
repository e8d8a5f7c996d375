/**
 * A walk that a run had to leave in the middle of one instant.
 *
 * A run goes on at the last time it saw, and reads that instant's events again: the keys drop what is held. Where more events share one
 * instant than a run can read, it would read the same ones for ever. So it leaves the view open, and the next run goes on in it.
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
  /** The source's cursor: the events after it are to come. */
  readonly after: readonly unknown[];
  /** Events of the view that came, and those of them before `lastTime`. */
  readonly walked: number;
  readonly walkedBefore: number;
  /** Those of them before the millisecond of `lastTime`; absent in records of older versions: as `walkedBefore`. */
  readonly walkedBeforeMs?: number;
  readonly lastTime: Instant;
}

const instantShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** Whether a record's value is what a run left: anything else would let the next run pass over events. */
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

/** More events of one millisecond than this are not read again when the view can be kept. */
const mostReadAgain = 5_000;

/**
 * Whether a walk that stops here is better left open than begun anew at its last time. The watermark never stands within a millisecond
 * (`advancedWatermark`), so all of the last one would be read again, however many instants it holds.
 */
export const isWorthLeaving = ({
  walked,
  walkedBeforeMs,
}: {
  readonly walked: number;
  readonly walkedBeforeMs: number;
}) => walked - walkedBeforeMs > mostReadAgain;
