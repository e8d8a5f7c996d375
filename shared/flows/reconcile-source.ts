import { type Instant, instantFromMs, latest, msOf } from '../core/instant.ts';
import { afterRung, dueRung, lookbackMs, type Reconciliation, type Rung, retentionMs } from '../core/reconcile.ts';
import { daysOf, firstMinuteFrom, floorToMinute, type Minutes } from '../core/reconcile-minutes.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { ReconcileLine, Telemetry } from '../ports/telemetry.ts';
import {
  type CompareDeps,
  type Compared,
  compareRange,
  countDifferences,
  type Unmended,
} from './reconcile/compare-range.ts';
import { loadPulled, loadReconciliation, storeReconciliation } from './reconcile/load-record.ts';
import { type Tally, viewJournal } from './reconcile/view-journal.ts';

export interface ReconcileDeps extends CompareDeps {
  readonly records: RecordStore;
  readonly telemetry: Telemetry;
}

export interface ReconcileOptions {
  /** What to compare; absent: the longest rung whose time has come, if any. */
  readonly rung?: Rung;
  /** How late an event may become visible and still be delivered, at least 24 h. */
  readonly horizonMs: number;
  /** Until this run is ended from outside; `Infinity` when nobody does. */
  readonly remainingMs: () => number;
  readonly signal?: AbortSignal;
  /** When a segment is appended before the end; 8 MiB and 50 000 events by default. */
  readonly segment?: { readonly bytes: number; readonly events: number };
}

/** What is kept back of a run to record what happened. */
const reserveMs = 20_000;
const defaultSegment = { bytes: 8 * 1024 * 1024, events: 50_000 } as const;

/**
 * Holds what the source counts against what the journal holds, minute by minute, from the record's begin to the watermark, as far back as the
 * rung says; journals what is missing as `late`, and publishes a `Reconciliation`. Any number may be at work at once, beside pulls and
 * backfills: the append is the fence, nothing is journaled twice.
 * @throws RetryLater when the source or a store gives no whole answer: what was appended stays, the next run goes on
 * @throws OperatorMustFix when a person must act
 */
export const reconcileSource = async (deps: ReconcileDeps, options: ReconcileOptions): Promise<ReconcileLine> => {
  const { clock, source, telemetry } = deps;
  const startedAtMs = clock.nowMs();
  const lineOf = (known: Reconciliation | undefined, parts: Partial<ReconcileLine>): ReconcileLine => ({
    source: source.id,
    rung: 'none',
    result: 'nothing to do',
    minutes: 0,
    differing: 0,
    recovered: 0,
    redacted: 0,
    segments: 0,
    lateRecovered: known?.lateRecovered ?? 0,
    lateMissed: known?.lateMissed ?? 0,
    removedAtSource: known?.removedAtSource ?? 0,
    exceptions: known?.exceptions ?? 0,
    completeThrough: known?.completeThrough ?? '',
    lagMs: known ? Math.max(0, clock.nowMs() - msOf(known.completeThrough)) : 0,
    durationMs: clock.nowMs() - startedAtMs,
    ...parts,
  });

  const pulled = await loadPulled(deps);
  if (!pulled) return lineOf(undefined, {});
  const { checkpoint, head } = pulled;
  const { begin, watermark } = checkpoint;
  const last = await loadReconciliation(deps, begin);
  const rung = options.rung ?? dueRung(last.rungs, startedAtMs);
  if (!rung) return lineOf(last, {});

  const outOfTime = (): boolean => options.remainingMs() < reserveMs || options.signal?.aborted === true;
  const ranges = rangesOf(rung, last, { begin, watermark, nowMs: startedAtMs, horizonMs: options.horizonMs });
  const tally: Tally = { upTo: last.tallied, late: last.lateRecovered, exceptions: last.exceptions };
  const days = daysOf({
    fromMs: (rung === 'horizon' ? ranges.before : ranges.compared).fromMs,
    toMs: ranges.compared.toMs,
  });
  const { view, whole } = await viewJournal(deps, { checkpoint, head, days, tally, outOfTime });

  const compared: Compared = whole
    ? await compareRange(deps, ranges.compared, {
        view,
        checkpoint,
        outOfTime,
        // Once a day: as many late events as there were copies would look like them.
        looked: rung === 'horizon' ? 'explained too' : 'differing',
        segment: options.segment ?? defaultSegment,
        ...(options.signal && { signal: options.signal }),
      })
    : { result: 'out of time', differing: 0, removed: 0, recovered: 0, redacted: 0, segments: 0, unmended: [] };
  const finished = compared.result === 'done';
  const before = ranges.before;
  const missed = finished && rung === 'horizon' ? (await countDifferences(source, before, view)).missing : 0;
  await view.store();
  sayUnmended(compared.unmended, source.id, telemetry);

  const [firstUnmended] = compared.unmended;
  const published = await storeReconciliation(deps, begin, (stored) => {
    const { upTo, late, exceptions } = view.tally();
    const summed = { ...stored, tallied: upTo, lateRecovered: late, exceptions };
    if (!finished) return summed;
    const { unmended: known, ...rest } = summed;
    const stillUnmended = rung !== 'horizon' && known && msOf(known) < ranges.compared.fromMs ? known : undefined;
    const unmended = stillUnmended ?? (firstUnmended && instantFromMs(firstUnmended.fromMs));
    return {
      ...rest,
      completeThrough: unmended ? earlierOf(unmended, watermark) : watermark,
      checkedAt: new Date(clock.nowMs()).toISOString(),
      rungs: afterRung(stored.rungs, rung, startedAtMs),
      lateMissed: rung === 'horizon' ? missed : stored.lateMissed,
      removedAtSource: rung === 'hour' ? Math.max(stored.removedAtSource, compared.removed) : compared.removed,
      ...(unmended && { unmended }),
    };
  });
  const line = lineOf(published, {
    rung,
    result: !finished ? 'more' : compared.unmended.length > 0 ? 'unmended' : 'done',
    minutes: Math.max(0, ranges.compared.toMs - ranges.compared.fromMs) / 60_000,
    differing: compared.differing,
    recovered: compared.recovered,
    redacted: compared.redacted,
    segments: compared.segments,
  });
  telemetry.reconcileRun(line);
  return line;
};

/** An unmended minute that has left the horizon is tried this long again before it counts as missed. */
const patienceMs = 24 * 60 * 60_000;

/** What a rung compares, and what lies before it back to the retention; whole minutes, none before the record's begin. */
const rangesOf = (
  rung: Rung,
  { rungs, unmended }: Reconciliation,
  at: { readonly begin: Instant; readonly watermark: Instant; readonly nowMs: number; readonly horizonMs: number },
): { readonly compared: Minutes; readonly before: Minutes } => {
  const toMs = floorToMinute(msOf(at.watermark));
  const since = (agoMs: number): number =>
    Math.min(toMs, firstMinuteFrom(latest(at.begin, instantFromMs(Math.max(0, toMs - agoMs)))));
  const backMs = lookbackMs(rung, rungs, at);
  const openMs = unmended && rung !== 'hour' ? Math.min(toMs - msOf(unmended), backMs + patienceMs) : 0;
  const fromMs = since(Math.max(backMs, openMs));
  return { compared: { fromMs, toMs }, before: { fromMs: since(retentionMs), toMs: fromMs } };
};

/** Minutes that are said one by one; a lost segment may hold hundreds. */
const mostSaid = 5;

const sayUnmended = (unmended: readonly Unmended[], source: string, telemetry: Telemetry): void => {
  for (const { fromMs, reason } of unmended.slice(0, mostSaid))
    telemetry.notice('error', `What is missing cannot be mended: ${reason}`, { source, from: instantFromMs(fromMs) });
  if (unmended.length > mostSaid)
    telemetry.notice('error', `${unmended.length - mostSaid} more minutes cannot be mended.`, { source });
};

const earlierOf = (a: Instant, b: Instant): Instant => (a < b ? a : b);
