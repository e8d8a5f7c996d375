/** What reconcile looks at, how often, and what it publishes. */
import type { Instant } from './instant.ts';

/** `hour`: the last hour, every 5 min · `day`: the last 24 h, every hour · `horizon`: as far as late events are delivered, every day. */
export type Rung = 'hour' | 'day' | 'horizon';

/**
 * A segment's number and hash. The hash is needed because a journal that was restored and then went on has another segment under the same
 * number.
 */
export interface SegmentPlace {
  readonly seq: number;
  readonly hash: string;
}

/** What the last reconciliations of a source found, one record per source. All of it can be made anew from source and journal. */
export interface Reconciliation {
  /**
   * Every event older than this that the source showed when its minute was last compared (see `rungs`) is in the journal. The start of the
   * first minute whose difference could not be mended, else the watermark of that moment; never later than the watermark. It does not cover
   * events that became visible later than the horizon: those are `lateMissed`.
   */
  readonly completeThrough: Instant;
  /** When the last complete comparison ended, ISO 8601; 1970 if there was none yet. */
  readonly checkedAt: string;
  /** When each rung was last compared to its end, epoch ms. A longer rung counts for the shorter ones. */
  readonly rungs: { readonly [rung in Rung]?: number };
  /** Events found late, since the beginning: the sum of all `late` segments, also of a backfill. */
  readonly lateRecovered: number;
  /** How many more events the source counts than the journal, from the horizon back to the retention; only a backfill delivers them. */
  readonly lateMissed: number;
  /** How many fewer events the source counts than the journal, in the longest range that was compared lately. */
  readonly removedAtSource: number;
  /** Events without a readable time or dated ahead, since the beginning. */
  readonly exceptions: number;
  /** The segment up to which `lateRecovered` and `exceptions` are summed. */
  readonly tallied: SegmentPlace;
  /** Start of the first minute whose difference could not be mended; absent: there is none. */
  readonly unmended?: Instant;
}

export const reconcilePartition = 'reconcile';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const every: Readonly<Record<Rung, number>> = { hour: 5 * minuteMs, day: hourMs, horizon: dayMs };
/** A schedule may be early by seconds, so a rung that is due within this time counts as due. */
const earlyMs = 30_000;

/** How long events are kept, and therefore how far back missed events are counted. */
export const retentionMs = 30 * dayMs;

const spanMs = (rung: Rung, horizonMs: number): number =>
  rung === 'hour' ? hourMs : rung === 'day' ? dayMs : Math.max(horizonMs, dayMs);

/** The longest rung whose time has come; `undefined`: none. */
export const dueRung = (last: Reconciliation['rungs'], nowMs: number): Rung | undefined =>
  (['horizon', 'day', 'hour'] as const).find((rung) => {
    const at = last[rung];
    return at === undefined || at > nowMs || nowMs - at >= every[rung] - earlyMs;
  });

/**
 * How far behind the watermark a rung looks: its span plus the time since a rung of at least that span last ran. Without the second part an
 * event that becomes visible just within the horizon could be outside of it when the rung runs next.
 */
export const lookbackMs = (
  rung: Rung,
  last: Reconciliation['rungs'],
  { nowMs, horizonMs }: { readonly nowMs: number; readonly horizonMs: number },
): number => {
  const span = spanMs(rung, horizonMs);
  const looks = (['hour', 'day', 'horizon'] as const)
    .filter((other) => spanMs(other, horizonMs) >= span)
    .flatMap((other) => last[other] ?? []);
  const since =
    looks.length === 0 ? every[rung === 'horizon' && span === dayMs ? 'day' : rung] : nowMs - Math.max(...looks);
  return Math.min(span + Math.max(since, every.hour), retentionMs);
};

/** The times of all rungs after `rung` was compared completely. */
export const afterRung = (last: Reconciliation['rungs'], rung: Rung, atMs: number): Reconciliation['rungs'] => {
  switch (rung) {
    case 'hour':
      return { ...last, hour: atMs };
    case 'day':
      return { ...last, hour: atMs, day: atMs };
    case 'horizon':
      return { hour: atMs, day: atMs, horizon: atMs };
    default:
      return rung satisfies never;
  }
};

const instantShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/** The record; `undefined` if the value is no Reconciliation. Then it is made anew, which costs reading manifests and loses nothing. */
export const readReconciliation = (value: unknown): Reconciliation | undefined => {
  const record = (typeof value === 'object' && value !== null ? value : {}) as Partial<Reconciliation>;
  const { completeThrough, checkedAt, rungs, tallied, unmended } = record;
  const counts = [record.lateRecovered, record.lateMissed, record.removedAtSource, record.exceptions];
  const whole =
    [completeThrough, unmended ?? completeThrough].every((at) => typeof at === 'string' && instantShape.test(at)) &&
    typeof checkedAt === 'string' &&
    typeof rungs === 'object' &&
    rungs !== null &&
    Object.values(rungs).every(Number.isFinite) &&
    counts.every((count) => Number.isSafeInteger(count)) &&
    isSegmentPlace(tallied);
  return whole ? (record as Reconciliation) : undefined;
};

export const isSegmentPlace = (value: unknown): value is SegmentPlace =>
  typeof value === 'object' &&
  value !== null &&
  'seq' in value &&
  Number.isSafeInteger(value.seq) &&
  'hash' in value &&
  typeof value.hash === 'string';
