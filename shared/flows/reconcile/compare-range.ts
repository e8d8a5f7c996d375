import type { Checkpoint } from '../../core/checkpoint.ts';
import { RetryLater } from '../../core/errors.ts';
import {
  type Difference,
  type Differences,
  differencesIn,
  instantsOf,
  type Looked,
  type Minutes,
  minuteMs,
  minuteStartMs,
  type Stretch,
  stretchesOf,
} from '../../core/reconcile-minutes.ts';
import type { Source } from '../../ports/source.ts';
import { type LateDeps, lateEvents } from './late-events.ts';
import { type Mended, mendStretch } from './mend-stretch.ts';
import type { JournalView } from './view-journal.ts';

export interface CompareDeps extends LateDeps {
  readonly source: Source;
}

export interface CompareOptions {
  readonly view: JournalView;
  readonly checkpoint: Checkpoint;
  readonly outOfTime: () => boolean;
  readonly signal?: AbortSignal;
  /** Where ids are compared. Default: `differing`. */
  readonly looked?: Looked;
  /** When a segment is appended before the end. */
  readonly segment: { readonly bytes: number; readonly events: number };
}

export interface Compared {
  readonly result: 'done' | 'out of time';
  /** Minutes that were looked into: in which the source held more, or every one. */
  readonly differing: number;
  readonly removed: number;
  readonly recovered: number;
  readonly redacted: number;
  readonly segments: number;
  /** By first minute, ascending. */
  readonly unmended: readonly Unmended[];
}

export interface Unmended extends Minutes {
  readonly reason: string;
}

const mostRounds = 8;

/**
 * Counts a range at the source, minute by minute, holds it against the journal, and journals what is missing as `late`. Nothing is doubled
 * whoever else appends: what is missing was told from every segment up to the head that is appended to.
 * @param range whole minutes before the watermark
 * @throws RetryLater when the source gives no whole answer; what was appended stays
 */
export const compareRange = async (
  deps: CompareDeps,
  range: Minutes,
  { view, checkpoint, outOfTime, signal, looked, segment }: CompareOptions,
): Promise<Compared> => {
  const late = lateEvents(deps, { view, checkpoint, segment });
  const options = { view, late, outOfTime, ...(signal && { signal }) };

  /** @returns `overlap` when all must be compared again */
  const mend = async ({ more }: Differences): Promise<'overlap' | Pick<Compared, 'result' | 'unmended'>> => {
    const unmended: Unmended[] = [];
    let result: Compared['result'] = 'done';
    const waiting = [...stretchesOf(more)];
    for (let stretch = waiting.shift(); stretch; stretch = waiting.shift()) {
      const mended: Mended = outOfTime() ? { kind: 'out of time' } : await mendStretch(deps, stretch, options);
      if (mended.kind === 'overlap') return 'overlap';
      const { minutes, fromMs, toMs } = stretch;
      // What cannot be known of one minute must not hold up its neighbours.
      if (mended.kind === 'unmended' && minutes.length > 1) waiting.unshift(...minutes.map(alone));
      else if (mended.kind === 'unmended') unmended.push({ fromMs, toMs, reason: mended.reason });
      if (mended.kind === 'out of time') {
        result = 'out of time';
        break;
      }
    }
    return (await late.commit()) === 'overlap' ? 'overlap' : { result, unmended };
  };

  for (let round = 0; round < mostRounds; round += 1) {
    const differences = await countDifferences(deps.source, range, view, looked);
    const mended = await mend(differences);
    if (mended !== 'overlap')
      return { ...mended, differing: differences.more.length, removed: differences.removed, ...late.totals() };
  }
  throw new RetryLater(
    `Others journaled what this run was about to, ${mostRounds} times in a row (source "${deps.source.id}"). The next run looks again.`,
  );
};

const alone = (minute: Difference): Stretch => {
  const fromMs = minuteStartMs(minute.minute);
  return { fromMs, toMs: fromMs + minuteMs, minutes: [minute] };
};

/** What the source counts in a range, held against the journal. */
export const countDifferences = async (
  source: Source,
  range: Minutes,
  view: JournalView,
  looked: Looked = 'differing',
): Promise<Differences> => {
  const counts = range.fromMs < range.toMs ? await source.countPerMinute(instantsOf(range)) : new Map<string, number>();
  return differencesIn(range, counts, view, looked);
};
