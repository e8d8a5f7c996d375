import { segmentDraft } from '../core/segment-draft.ts';
import type { Attribute } from '../core/tenants.ts';
import type { Clock } from '../ports/clock.ts';
import type { Journal } from './journal/open-journal.ts';
import { type GatheredRange, gatherRange, type RangeLimits } from './reattribute/gather-range.ts';
import { type Survey, surveyJournal, withNewer } from './reattribute/survey-journal.ts';

export interface ReattributeDeps {
  readonly journal: Journal;
  readonly clock: Clock;
  /** By the tenant directory as it is now. */
  readonly attribute: Attribute;
  /** Segments with unattributed events: looked at, and how many there are. */
  readonly progress?: (so: { readonly segments: number; readonly of: number }) => void;
}

export interface ReattributeOptions {
  readonly remainingMs: () => number;
  readonly limits?: RangeLimits;
}

/** What a run of reattribute came to; also its form as JSON. */
export interface ReattributeLine {
  readonly source: string;
  /** `more`: stopped early; run again, what was done is left out. */
  readonly result: 'done' | 'more';
  /** Unattributed events that were looked at, without those attributed by an earlier run. */
  readonly looked: number;
  /** Of them: journaled once more, under their tenant. */
  readonly attributed: number;
  readonly byTenant: Readonly<Record<string, number>>;
  /** Of them: evidence was redacted or removed, so that nobody can be named for certain. */
  readonly undecided: number;
  /** Segments appended. */
  readonly segments: number;
  /** Segments whose unattributed events are gone: they are older than the journal is kept. */
  readonly expired: number;
  readonly head: number;
  readonly durationMs: number;
}

const defaultLimits: RangeLimits = { bytes: 8 * 1024 * 1024, events: 100_000 };
const reserveMs = 20_000;

/**
 * Asks the directory again for every journaled event that nobody owned, and journals those that have an owner now once more, as segments
 * of kind `reattributed`: their tenant's subscriptions receive them, an operator's, who had them, do not. An event has one owner for
 * ever: what was attributed once is left out, whatever the directory says later. May run beside a pull and beside itself; ended at any
 * point it is run again and does the rest.
 * @throws RetryLater when the store gives no whole answer
 * @throws OperatorMustFix when the journal is damaged
 */
export const reattribute = async (deps: ReattributeDeps, options: ReattributeOptions): Promise<ReattributeLine> => {
  const { journal, clock, progress } = deps;
  const { limits = defaultLimits } = options;
  const startedAtMs = clock.nowMs();
  let survey = await surveyJournal(journal);
  const oldest = await journal.oldest();
  const holding = survey.holding.filter((seq) => seq >= oldest);
  const draft = segmentDraft();
  const byTenant: Record<string, number> = {};
  const totals = { looked: 0, attributed: 0, undecided: 0, segments: 0 };

  /** Appends what a range holds. Whoever was first may have been a run like this one: then the range is looked at again. */
  const appendRange = async (range: GatheredRange): Promise<'appended' | 'look again'> => {
    for (;;) {
      const { head } = survey;
      if (!head) throw new Error('a range lies in a journal that has a head');
      const appended = await journal.append(draft, {
        kind: 'reattributed',
        reattributes: { from: range.from, to: range.to },
        head,
        begin: head.begin,
        watermark: head.watermark,
        committedAtMs: clock.nowMs(),
      });
      const before = survey;
      survey = await withNewer(journal, survey);
      if (appended.kind === 'appended') return 'appended';
      if (overlapsNewer(before, survey, range)) return 'look again';
    }
  };

  let done = 0;
  let result: ReattributeLine['result'] = 'done';
  while (done < holding.length) {
    if (options.remainingMs() < reserveMs) {
      result = 'more';
      break;
    }
    const range = await gatherRange(deps, holding.slice(done), survey, draft, limits);
    if (draft.count > 0) {
      if ((await appendRange(range)) === 'look again') continue;
      for (const { tenant, keys } of draft.blocks()) byTenant[tenant] = (byTenant[tenant] ?? 0) + keys.length;
      totals.attributed += draft.count;
      totals.segments += 1;
    }
    totals.looked += range.looked;
    totals.undecided += range.undecided;
    done = holding.findIndex((seq) => seq > range.to);
    if (done < 0) done = holding.length;
    progress?.({ segments: done, of: holding.length });
  }
  return {
    source: journal.source,
    result,
    ...totals,
    byTenant,
    expired: survey.holding.length - holding.length,
    head: survey.head?.seq ?? 0,
    durationMs: clock.nowMs() - startedAtMs,
  };
};

const overlapsNewer = (before: Survey, after: Survey, { from, to }: GatheredRange): boolean =>
  after.reattributed.slice(before.reattributed.length).some((other) => other.from <= to && other.to >= from);
