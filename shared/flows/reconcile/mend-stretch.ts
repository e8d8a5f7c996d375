import { messageOf, OperatorMustFix } from '../../core/errors.ts';
import type { Hit } from '../../core/event.ts';
import { eventKey } from '../../core/event-key.ts';
import { type Instant, minuteOf, toInstant } from '../../core/instant.ts';
import { instantsOf, type Stretch } from '../../core/reconcile-minutes.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Source, Walk, WalkRequest } from '../../ports/source.ts';
import { walkPages } from '../pull/walk-pages.ts';
import type { LateEvents } from './late-events.ts';
import type { JournalView } from './view-journal.ts';

export type Mended =
  /** Everything that the source showed is held, or gathered. */
  | { readonly kind: 'mended' }
  /** It cannot be known what is held, or the source did not give all it counted. */
  | { readonly kind: 'unmended'; readonly reason: string }
  | { readonly kind: 'out of time' }
  /** Another run journaled some of the same events: compare again. */
  | { readonly kind: 'overlap' };

export interface MendDeps {
  readonly source: Source;
  readonly clock: Clock;
}

export interface MendOptions {
  readonly view: JournalView;
  readonly late: LateEvents;
  readonly outOfTime: () => boolean;
  readonly signal?: AbortSignal;
}

/** Most ids that one walk may be narrowed to; more are not worth it, the whole stretch is read then. */
const mostIds = 1_000;

/**
 * Gathers what the source holds in these minutes and the journal does not. Ids are read first and compared with the key lists of exactly
 * the segments that name the minutes; then only what is missing is read with its content.
 * @throws RetryLater when the source gives no whole answer
 */
export const mendStretch = async (deps: MendDeps, stretch: Stretch, options: MendOptions): Promise<Mended> => {
  const { view } = options;
  const keys = await heldKeys(view, stretch);
  if (typeof keys === 'string') return { kind: 'unmended', reason: keys };
  const minutes = new Set(stretch.minutes.map(({ minute }) => minute));
  /** A document may have several times; it is journaled by the one it is sorted by. */
  const isMissing = (hit: Hit): boolean => {
    const time = timeOf(hit);
    return time !== undefined && minutes.has(minuteOf(time)) && !keys.has(eventKey(hit._index, hit._id));
  };
  /** Known from now on: it comes again when the view is lost, also after it was appended. */
  const take = (hit: Hit): void => {
    if (!isMissing(hit)) return;
    keys.add(eventKey(hit._index, hit._id));
    options.late.take(hit);
  };
  if (keys.size === 0) return readContent(deps, stretch, { ...options, take });
  const found = await readIds(deps, stretch, { ...options, isMissing });
  if (found.kind !== 'ids') return found;
  for (const minute of minutes) {
    const surplus = found.surplus.get(minute) ?? 0;
    if (surplus !== view.surplus(minute)) view.explain(minute, surplus);
  }
  if (found.missing.size === 0) return { kind: 'mended' };
  const ids = found.missing.size <= mostIds ? [...new Set(found.missing.values())] : undefined;
  return readContent(deps, stretch, { ...options, take, ...(ids && { ids }) });
};

/** @returns the reason, when they cannot be known */
const heldKeys = async (view: JournalView, stretch: Stretch): Promise<Set<string> | string> => {
  try {
    return await view.keysOf(stretch);
  } catch (error) {
    if (error instanceof OperatorMustFix) return `It cannot be known what is held: ${messageOf(error)}`;
    throw error;
  }
};

interface FoundIds {
  readonly kind: 'ids';
  /** `_id` by key; it ends early once there are more than can be asked for. */
  readonly missing: ReadonlyMap<string, string>;
  /** By minute: how many hits came again under a key that had come before. */
  readonly surplus: ReadonlyMap<string, number>;
}

const readIds = async (
  { source, clock }: MendDeps,
  stretch: Stretch,
  { isMissing, outOfTime, signal }: MendOptions & { readonly isMissing: (hit: Hit) => boolean },
): Promise<FoundIds | Exclude<Mended, { kind: 'mended' | 'overlap' }>> => {
  const missing = new Map<string, string>();
  const seen = new Set<string>();
  const surplus = new Map<string, number>();
  const views = new Set<Walk>();
  let lastTime: Instant | undefined;
  const request: WalkRequest = { range: instantsOf(stretch), content: 'ids' };
  const steps = walkPages(source, { request, clock, lastTime: () => lastTime, ...(signal && { signal }) });
  for await (const step of steps) {
    if (step.kind === 'end') {
      if (step.walked < step.counted) return short(step.walked, step.counted);
      // Where a view was opened anew, hits came again for that reason alone.
      return { kind: 'ids', missing, surplus: views.size > 1 ? new Map() : surplus };
    }
    views.add(step.walk);
    for (const hit of step.hits) {
      lastTime = timeOf(hit) ?? lastTime;
      const key = eventKey(hit._index, hit._id);
      const minute = lastTime && minuteOf(lastTime);
      if (seen.has(key) && minute) surplus.set(minute, (surplus.get(minute) ?? 0) + 1);
      seen.add(key);
      if (isMissing(hit)) missing.set(key, hit._id);
    }
    if (missing.size > mostIds) break;
    if (outOfTime()) return { kind: 'out of time' };
  }
  return { kind: 'ids', missing, surplus: new Map() };
};

const readContent = async (
  { source, clock }: MendDeps,
  stretch: Stretch,
  {
    take,
    ids,
    late,
    outOfTime,
    signal,
  }: MendOptions & { readonly take: (hit: Hit) => void; readonly ids?: readonly string[] },
): Promise<Mended> => {
  let lastTime: Instant | undefined;
  const request: WalkRequest = { range: instantsOf(stretch), ...(ids && { ids }) };
  const steps = walkPages(source, { request, clock, lastTime: () => lastTime, ...(signal && { signal }) });
  for await (const step of steps) {
    if (step.kind === 'end') return step.walked < step.counted ? short(step.walked, step.counted) : { kind: 'mended' };
    for (const hit of step.hits) {
      lastTime = timeOf(hit) ?? lastTime;
      take(hit);
    }
    if (late.isFull() && (await late.commit()) === 'overlap') return { kind: 'overlap' };
    if (outOfTime()) return { kind: 'out of time' };
  }
  return { kind: 'mended' };
};

const short = (walked: number, counted: number): Extract<Mended, { kind: 'unmended' }> => ({
  kind: 'unmended',
  reason: `The source gave ${walked} of ${counted} events that it counted.`,
});

const timeOf = ({ sort }: Hit): Instant | undefined => {
  const time = sort?.[0];
  return typeof time === 'string' ? toInstant(time) : undefined;
};
