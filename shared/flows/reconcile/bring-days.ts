import { toInstant } from '../../core/instant.ts';
import { dayMs, daysOf, instantsOf, type Minutes, minuteMs, minuteStartMs } from '../../core/reconcile-minutes.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Source } from '../../ports/source.ts';
import { type CompareDeps, type CompareOptions, compareRange } from './compare-range.ts';
import type { LoadedProgress, Progress } from './load-progress.ts';
import { loadPulled, nothingPulled } from './load-record.ts';
import { viewJournal } from './view-journal.ts';

export interface BringDeps extends CompareDeps {
  readonly records: RecordStore;
  /** Minutes looked through, of all that there are. */
  readonly progress?: (so: { readonly done: number; readonly of: number }) => void;
}

export interface BringOptions extends Omit<CompareOptions, 'view' | 'checkpoint'> {
  readonly range: Minutes;
}

/** Days whose sums are in memory at once. */
const mostDays = 31;

/**
 * Compares a range day by day from where it stands, and stores after each how far it has come.
 * @throws RetryLater when the source or a store gives no whole answer: the days before are stored
 */
export const bringDays = async (
  deps: BringDeps,
  loaded: LoadedProgress,
  { range, ...options }: BringOptions,
): Promise<{ readonly progress: Progress; readonly ended: boolean }> => {
  const { outOfTime } = options;
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
      const compared = await compareRange(deps, day, { ...options, view, checkpoint: pulled.checkpoint });
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
    // A page without a hit although some are counted is not believed.
    if (first === undefined) return walk.count > 0 ? range.fromMs : undefined;
    const time = typeof first.sort?.[0] === 'string' ? toInstant(first.sort[0]) : undefined;
    return time === undefined ? range.fromMs : Math.max(range.fromMs, minuteStartMs(time.slice(0, 16)));
  } finally {
    await walk.close();
  }
};
