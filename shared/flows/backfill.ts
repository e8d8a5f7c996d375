import { OperatorMustFix } from '../core/errors.ts';
import { beginningOfTime, type Instant, instantFromMs, latest, msOf, toInstant } from '../core/instant.ts';
import {
  ceilToMinute,
  dayMs,
  daysOf,
  floorToMinute,
  instantsOf,
  type Looked,
  type Minutes,
  minuteMs,
  minuteStartMs,
} from '../core/reconcile-minutes.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Source } from '../ports/source.ts';
import { type CompareDeps, compareRange, type Unmended } from './reconcile/compare-range.ts';
import { type LoadedProgress, loadProgress, type Progress } from './reconcile/load-progress.ts';
import { loadPulled, nothingPulled } from './reconcile/load-record.ts';
import { viewJournal } from './reconcile/view-journal.ts';

export interface BackfillDeps extends CompareDeps {
  readonly records: RecordStore;
  /** Minutes looked through, of all that there are. */
  readonly progress?: (so: { readonly done: number; readonly of: number }) => void;
}

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
  /** Where it cannot be known what is held, or the source did not give all that it counted; nothing of these minutes was journaled. */
  readonly refused: readonly { readonly from: string; readonly to: string; readonly reason: string }[];
  readonly durationMs: number;
}

const reserveMs = 20_000;
const defaultSegment = { bytes: 8 * 1024 * 1024, events: 50_000 } as const;
/** Days whose sums are in memory at once. */
const mostDays = 31;

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

  const steps = { ...deps, range, looked, outOfTime, segment: options.segment ?? defaultSegment };
  const { progress, ended } = await bringDays(steps, loaded, options.signal);
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

interface Steps extends BackfillDeps {
  readonly range: Minutes;
  readonly looked: Looked;
  readonly outOfTime: () => boolean;
  readonly segment: { readonly bytes: number; readonly events: number };
}

const bringDays = async (
  deps: Steps,
  loaded: LoadedProgress,
  signal: AbortSignal | undefined,
): Promise<{ readonly progress: Progress; readonly ended: boolean }> => {
  const { range, looked, outOfTime, segment } = deps;
  const whole = (range.toMs - range.fromMs) / minuteMs;
  let { progress } = loaded;
  const say = (): void =>
    deps.progress?.({ done: Math.max(0, progress.throughMs - range.fromMs) / minuteMs, of: whole });

  while (progress.throughMs < range.toMs) {
    const firstMs = await firstMinuteWithEvents(deps.source, { fromMs: progress.throughMs, toMs: range.toMs });
    if (firstMs === undefined) break;
    const pulled = await loadPulled(deps);
    if (!pulled) throw nothingPulled(deps.source.id);
    const some: Minutes = { fromMs: firstMs, toMs: Math.min(range.toMs, endOfDays(firstMs, mostDays)) };
    const { view, whole: known } = await viewJournal(deps, {
      ...pulled,
      days: daysOf(some),
      outOfTime,
    });
    for (let fromMs = firstMs; fromMs < some.toMs; fromMs = progress.throughMs) {
      if (!known || outOfTime()) return { progress, ended: false };
      const day: Minutes = { fromMs, toMs: Math.min(some.toMs, endOfDays(fromMs, 1)) };
      const compared = await compareRange(deps, day, {
        view,
        checkpoint: pulled.checkpoint,
        outOfTime,
        looked,
        segment,
        ...(signal && { signal }),
      });
      const ended = compared.result === 'done';
      progress = {
        throughMs: ended ? day.toMs : progress.throughMs,
        recovered: progress.recovered + compared.recovered,
        segments: progress.segments + compared.segments,
        differing: progress.differing + (ended ? compared.differing : 0),
        refused: ended ? [...progress.refused, ...compared.unmended] : progress.refused,
      };
      await loaded.store(progress);
      say();
      if (!ended) return { progress, ended: false };
    }
    await view.store();
  }
  progress = { ...progress, throughMs: range.toMs };
  say();
  return { progress, ended: true };
};

/** The end of the day that an epoch ms lies in, and of more days after it. */
const endOfDays = (ms: number, days: number): number => (Math.floor(ms / dayMs) + days) * dayMs;

/** Years without an event are passed over at once. */
const firstMinuteWithEvents = async (source: Source, range: Minutes): Promise<number | undefined> => {
  const walk = await source.open({ range: instantsOf(range), content: 'ids' });
  try {
    const page = await walk.page(undefined, 1);
    if (page.kind !== 'page') return range.fromMs;
    const [first] = page.hits;
    if (first === undefined) return undefined;
    const time = typeof first.sort?.[0] === 'string' ? toInstant(first.sort[0]) : undefined;
    return time === undefined ? range.fromMs : Math.max(range.fromMs, minuteStartMs(time.slice(0, 16)));
  } finally {
    await walk.close();
  }
};
