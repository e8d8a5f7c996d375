import { type AnswerPage, answerPage } from '../core/answer-page.ts';
import type { CursorSeal, Position } from '../core/cursor-seal.ts';
import { BadRequest, OperatorMustFix, RetryLater } from '../core/errors.ts';
import { type EcsEvent, everyTenant, type Hit, type ReadEvent } from '../core/event.ts';
import { type EventQuery, filterHash } from '../core/event-query.ts';
import type { Filter } from '../core/filter.ts';
import { matcher } from '../core/filter-match.ts';
import { beginningOfTime, endOfTime } from '../core/instant.ts';
import { halvedPageSize, nextPageSize } from '../core/page-size.ts';
import { intersection, type TimeRange, timeRangeOf } from '../core/question/question-bounds.ts';
import type { Tenant } from '../core/tenants.ts';
import type { AlarmClock } from '../ports/clock.ts';
import type { FirstHits, Source, Walk, WalkRequest } from '../ports/source.ts';
import { DeadlinePassed, inTime, usualDeadlineMs } from './in-time.ts';
import { settled } from './settled.ts';

export interface QueryDeps {
  readonly source: Source;
  /** Reads and redacts a hit exactly as the journal does. */
  readonly read: (hit: Hit, readAt: string) => ReadEvent;
  /** What the tenants' directory says of one; absent, or `undefined`: any event of the source may be the tenant's. */
  readonly evidenceOf?: (tenant: string) => Promise<Tenant | undefined>;
  readonly clock: AlarmClock;
  readonly seal: CursorSeal;
  readonly limits?: Partial<AnswerLimits>;
}

export interface AnswerLimits {
  /** After this long an answer is given with what was found, and `next`; default 8 s. */
  readonly budgetMs: number;
  /**
   * After this long nothing is waited for any more, whatever the source does: what was found is answered, and it is given up when not even
   * one instant could be read whole. Default 20 s: under the 29 s of API Gateway.
   */
  readonly deadlineMs: number;
  /** Bytes of the events, as JSON and as they are answered; default 3 MiB: under the 6 MB of a Lambda answer, quotes escaped once more or in base64. */
  readonly maxBytes: number;
}

export interface QueryRequest extends Omit<EventQuery, 'asOfMs' | 'format'> {
  /** A tenant id, or `*` for an operator: every event. */
  readonly tenant: string;
  readonly asOfMs?: number;
  /** When the caller began to wait; default: now. The limits count from then. */
  readonly startedMs?: number;
  /** How an event is answered, and measured; default: as JSON. */
  readonly write?: ((event: EcsEvent) => string) | undefined;
}

export interface QueryAnswer {
  readonly events: readonly EcsEvent[];
  /** The same events as they are answered. */
  readonly texts: readonly string[];
  /**
   * Cursor of the rest; absent: there is nothing more. A full answer has one whatever follows, so that it does not tell of events that are
   * others'. May come with few events, or none, when the search takes long.
   */
  readonly next?: string;
}

const usualLimits: AnswerLimits = { budgetMs: 8_000, deadlineMs: usualDeadlineMs, maxBytes: 3 * 1_024 * 1_024 };
const mostReopenings = 3;
/** More in one answer are read in pages whose size follows their bytes. */
const mostFirst = 1_001;

/**
 * The tenant's events that the filter accepts, redacted, in the order (time, key), at most `limit` of them. Asked again with
 * `next` it goes on behind the last one: nothing is skipped and nothing repeated, ties included, for as long as events
 * do not change; those that become visible behind the cursor are not in it. Events without a readable time are never part of it.
 *
 * @throws BadRequest `cursor`: not ours, or another question's
 * @throws RetryLater when the source does not answer, or one instant holds more events than can be read in time
 */
export const answerQuery = async (deps: QueryDeps, request: QueryRequest): Promise<QueryAnswer> => {
  const limits = { ...usualLimits, ...deps.limits };
  const nowMs = deps.clock.nowMs();
  const { tenant, filter, sort, startedMs = nowMs } = request;
  const after = resume(deps.seal, request);
  const times = timesOf(filter);
  // `@timestamp >= 2026-05-05 and @timestamp < 2026-05-01`: a range backwards is nothing that a source can be asked for.
  if (times.from > times.to) return { events: [], texts: [] };
  const { limit, write } = request;
  const page = answerPage({ sort, limit, maxBytes: limits.maxBytes, write, ...(after && { after }) });
  const accepts = matcher(filter);
  const readAt = new Date(nowMs).toISOString();

  /** @returns `full` when the answer is */
  const take = (hit: Hit): 'open' | 'full' => {
    const { key, time, tenant: owner, event } = deps.read(hit, readAt);
    // One of the range by another of its times is answered where its own lies.
    if (time === undefined || time < times.from || time > times.to) return 'open';
    const reached = page.reach(time);
    if (reached === 'full') return 'full';
    if (reached === 'open' && (tenant === everyTenant || owner === tenant) && accepts(event, time))
      page.add(key, event);
    return 'open';
  };

  const evidence = tenant === everyTenant ? undefined : await deps.evidenceOf?.(tenant);
  const steps: Steps = {
    request: (position) => ({ ...rangeOf(request, position), ...(evidence && { evidence }) }),
    limit,
    take,
    budgetEndMs: startedMs + limits.budgetMs,
    deadlineMs: startedMs + limits.deadlineMs,
  };
  const end = await readOn(deps, page, steps);
  const position = page.position();
  const found = { events: page.events(), texts: page.texts() };
  if (end === 'end' || position === undefined) return found;
  const asOfMs = request.asOfMs ?? nowMs;
  const next = deps.seal.seal(tenant, { position, sort, filter: filterHash(filter), asOfMs });
  return { ...found, next };
};

const resume = (seal: CursorSeal, { tenant, cursor, filter, sort }: QueryRequest): Position | undefined => {
  if (cursor === undefined) return undefined;
  const content = seal.open(tenant, cursor);
  if (content.sort === sort && content.filter === filterHash(filter)) return content.position;
  throw new BadRequest(
    'cursor',
    'belongs to another question. Repeat every parameter as it was when next was answered, or leave the cursor out.',
  );
};

interface Steps {
  /** What is asked of the source, from this place on. */
  readonly request: (position: Position | undefined) => WalkRequest;
  readonly limit: number;
  readonly take: (hit: Hit) => 'open' | 'full';
  readonly budgetEndMs: number;
  readonly deadlineMs: number;
}

type End = 'end' | 'full' | 'out of time';

const readOn = async (deps: QueryDeps, page: AnswerPage, steps: Steps): Promise<End> => {
  try {
    return (await lookFirst(deps, page, steps)) ?? (await walkOn(deps, page, steps));
  } catch (error) {
    if (error instanceof DeadlinePassed && page.advanced()) return 'out of time';
    throw error;
  }
};

/**
 * Plain searches, one after the other, where few answer the question: one for the first page of most. What they leave open is walked from
 * where the page stands.
 * @returns `undefined` when there is more to be read
 */
const lookFirst = async ({ source, clock }: QueryDeps, page: AnswerPage, steps: Steps): Promise<End | undefined> => {
  // The one more tells, as a rule, that the instant of the last is complete.
  let limit = steps.limit + 1;
  let read = 0;
  for (let looks = 0; looks < mostLooks && limit <= mostFirst; looks++) {
    const before = page.position();
    const first = await inTime(clock, steps.deadlineMs, () => firstOf(source, steps.request(before), limit));
    if (!first) return undefined;
    for (const hit of first.hits) if (steps.take(hit) === 'full') return 'full';
    if (first.extent === 'all') return page.finish() === 'full' ? 'full' : 'end';
    page.abandon();
    // One instant alone is more than was asked for.
    if (page.position()?.time === before?.time) return undefined;
    if (clock.nowMs() >= steps.budgetEndMs && page.advanced()) return 'out of time';
    read += first.hits.length;
    const wantedPerTaken = read / Math.max(page.size(), 1);
    limit = Math.min(Math.ceil((steps.limit - page.size() + 1) * wantedPerTaken * spare), mostFirst);
  }
  return undefined;
};

/** After that a walk is cheaper: its pages grow. */
const mostLooks = 3;
/** What was refused so far tells about how much will be. */
const spare = 1.25;

/** What is refused is refused again by the walk, which says why, or does without the hint. */
const firstOf = async (source: Source, request: WalkRequest, limit: number): Promise<FirstHits | undefined> => {
  try {
    return await source.first?.(request, limit);
  } catch (error) {
    if (!(error instanceof OperatorMustFix)) throw error;
    return undefined;
  }
};

/** Opens the view, and opens it again where the answer stands when the source loses it. */
const walkOn = async ({ source, clock }: QueryDeps, page: AnswerPage, steps: Steps): Promise<End> => {
  const soon = <T>(work: () => Promise<T>, leftOver?: (late: T) => Promise<void>): Promise<T> =>
    inTime(clock, steps.deadlineMs, work, leftOver);
  for (let opened = 0; opened <= mostReopenings; opened++) {
    const walk = await soon(
      () => openWalk(source, steps.request(page.position())),
      (late) => late.close(),
    );
    try {
      const end = await walkThrough(clock, walk, page, steps);
      if (end !== 'lost') return end;
    } finally {
      // One that does not close in time goes on beside the answer.
      const closing = settled(walk.close());
      await soon(() => closing).catch(() => {});
    }
    page.abandon();
  }
  // The reason may be one that a person must remove; then this says so.
  await soon(() => source.preflight());
  throw new RetryLater(
    `The view of source "${source.id}" was lost ${mostReopenings + 1} times in one query. Ask again.`,
  );
};

/** The hints only save work: a source that refuses to search with them, such as for a field mapped as nobody expects, is asked without. */
const openWalk = async (source: Source, request: WalkRequest): Promise<Walk> => {
  const { where, evidence, ...plain } = request;
  try {
    return await source.open(request);
  } catch (error) {
    if (!(error instanceof OperatorMustFix) || (where ?? evidence) === undefined) throw error;
    return await source.open(plain);
  }
};

/** What the parameters and the question allow; nothing outside of it is read. */
const timesOf = ({ question, ...filter }: Filter): Required<TimeRange> => ({
  from: beginningOfTime,
  to: endOfTime,
  ...intersection(filter, question ? timeRangeOf(question) : {}),
});

const rangeOf = ({ filter, sort }: QueryRequest, position: Position | undefined): WalkRequest => {
  const { from, to } = timesOf(filter);
  const range = sort === 'asc' ? { from: position?.time ?? from, to } : { from, to: position?.time ?? to };
  return Object.keys(filter).length === 0 ? { range, order: sort } : { range, order: sort, where: filter };
};

const walkThrough = async (clock: AlarmClock, walk: Walk, page: AnswerPage, steps: Steps): Promise<End | 'lost'> => {
  const { limit, take } = steps;
  // The one more tells, as a rule, that the instant of the last is complete.
  let size = limit + 1;
  let after: Parameters<Walk['page']>[0];
  let walked = 0;
  for (;;) {
    const answer = await inTime(clock, steps.deadlineMs, () => walk.page(after, size));
    switch (answer.kind) {
      case 'lost':
        return 'lost';
      case 'too large':
        size = halvedPageSize(size);
        if (size === 0)
          throw new RetryLater(`The source refuses even one event: ${answer.reason}. Ask again, or for another time.`);
        break;
      case 'page':
        for (const hit of answer.hits) if (take(hit) === 'full') return 'full';
        walked += answer.hits.length;
        // Fewer than were counted: a part of the view is missing.
        if (answer.next === undefined) return walked < walk.count ? 'lost' : page.finish() === 'full' ? 'full' : 'end';
        after = answer.next;
        size = nextPageSize(size, { hits: answer.hits.length, bytes: answer.bytes });
        break;
      default:
        return answer satisfies never;
    }
    const nowMs = clock.nowMs();
    if (nowMs >= steps.budgetEndMs && page.advanced()) return 'out of time';
    if (nowMs >= steps.deadlineMs)
      throw new DeadlinePassed(
        'One instant holds more events than can be read in one request. Narrow the question by action, user or time.',
      );
  }
};
