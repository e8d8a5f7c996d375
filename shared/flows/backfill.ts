import { OperatorMustFix } from '../core/errors.ts';
import { beginningOfTime, type Instant, instantFromMs, latest, msOf } from '../core/instant.ts';
import { ceilToMinute, floorToMinute, type Looked, type Minutes } from '../core/reconcile-minutes.ts';
import { type BringDeps, bringDays } from './reconcile/bring-days.ts';
import type { Unmended } from './reconcile/compare-range.ts';
import { loadProgress } from './reconcile/load-progress.ts';
import { loadPulled, nothingPulled } from './reconcile/load-record.ts';

export type BackfillDeps = BringDeps;

export interface BackfillOptions {
  /** Widened to whole minutes, and cut at the watermark: what comes after is the pull's work. */
  readonly from: Instant;
  readonly to: Instant;
  /** Until this run is ended from outside; `Infinity` when nobody does. */
  readonly remainingMs: () => number;
  readonly signal?: AbortSignal;
  /** `every`: ids are compared also in minutes of which both count as many. Default: `differing`. */
  readonly looked?: Looked;
  /** When a segment is appended before the end of a day; 8 MiB and 50 000 events by default. */
  readonly segment?: { readonly bytes: number; readonly events: number };
}

/** The sums are of the whole backfill, earlier runs of the same one included. */
export interface BackfillLine {
  readonly source: string;
  /** The range that was looked through, whole minutes. */
  readonly from: string;
  readonly to: string;
  /** `done` · `more`: stopped, the same command goes on at `through` · `refused`: done but for the minutes of `refused`. */
  readonly result: 'done' | 'more' | 'refused';
  readonly through: string;
  readonly recovered: number;
  readonly segments: number;
  /** Minutes that were looked into: in which the source held more, or every one. */
  readonly differing: number;
  /** Where it cannot be known what is held, or the source did not give all that it counted: not all of these minutes is journaled. */
  readonly refused: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
  readonly durationMs: number;
}

const reserveMs = 20_000;
const defaultSegment = { bytes: 8 * 1024 * 1024, events: 50_000 } as const;

/**
 * Brings what the source holds of a range and the journal does not, as `late` segments: from before the record's begin too, beside the
 * live pull, never twice. Day by day; how far it has come is recorded, and the same backfill goes on from there.
 * @throws OperatorMustFix nothing was pulled yet, or state and journal do not belong together
 * @throws RetryLater when the source or a store gives no whole answer: what was appended stays
 */
export const backfill = async (deps: BackfillDeps, options: BackfillOptions): Promise<BackfillLine> => {
  const { clock, source } = deps;
  const startedAtMs = clock.nowMs();
  const pulled = await loadPulled(deps);
  if (!pulled) throw nothingPulled(source.id);
  const range = wholeMinutes(options, pulled.checkpoint.watermark);
  const asked = { fromMs: range.fromMs, toMs: ceilToMinute(msOf(options.to)) };
  const { looked = 'differing' } = options;
  const loaded = await loadProgress(deps, { ...asked, looked });
  const outOfTime = (): boolean => options.remainingMs() < reserveMs || options.signal?.aborted === true;

  const { segment = defaultSegment, signal } = options;
  const { progress, ended } = await bringDays(deps, loaded, {
    range,
    looked,
    outOfTime,
    segment,
    ...(signal && { signal }),
  });
  if (ended) await loaded.forget();
  return {
    source: source.id,
    from: instantFromMs(range.fromMs),
    to: instantFromMs(range.toMs),
    result: !ended ? 'more' : progress.refused.length > 0 ? 'refused' : 'done',
    through: instantFromMs(progress.throughMs),
    recovered: progress.recovered,
    segments: progress.segments,
    differing: progress.differing,
    refused: progress.refused.map(refusal),
    durationMs: clock.nowMs() - startedAtMs,
  };
};

const refusal = ({ fromMs, toMs, reason }: Unmended) => ({
  from: instantFromMs(fromMs),
  to: instantFromMs(toMs),
  reason,
});

/** @throws OperatorMustFix when nothing of the range lies before the watermark */
const wholeMinutes = ({ from, to }: BackfillOptions, watermark: Instant): Minutes => {
  const end = floorToMinute(msOf(watermark));
  const fromMs = floorToMinute(msOf(latest(from, beginningOfTime)));
  const toMs = Math.min(end, ceilToMinute(msOf(to)));
  if (fromMs < toMs) return { fromMs, toMs };
  throw new OperatorMustFix(
    `Pull has come to ${instantFromMs(end)}; the range from ${from} on is still its work. Run: npx sluice pull`,
  );
};
