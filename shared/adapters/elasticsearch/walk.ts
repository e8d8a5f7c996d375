import { OperatorMustFix, RetryLater } from '../../core/errors.ts';
import type { Clause } from '../../core/filter-elasticsearch.ts';
import type { PageCursor, PageResult, Walk, WalkRequest } from '../../ports/source.ts';
import { type Json, type Unfit, type Verdict, verdictOn, verdictOnFacts } from './answers.ts';
import type { Answer } from './connection.ts';
import { hitsOf, type SortedHit, totalOf } from './hits.ts';
import { errorOf } from './refusals.ts';
import { holdsAllClusters, shardsIn } from './remote-clusters.ts';
import { before, queryOf, sortOf } from './search-bodies.ts';
import type { WalkSettings } from './walk-settings.ts';

/** How long the server keeps the view after each request; it is freed as soon as the walk is closed. */
const keepAlive = '5m';

/**
 * The id of a view grows with its shards. A view whose id is longer than this is not left open for the next run, because the id must fit
 * into a record.
 */
const longestLeftName = 32 * 1024;

/**
 * A walk over a point in time.
 * @param hint clauses that the events of the walk must match as well
 * @see https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-open-point-in-time
 */
export const openWalk = async (
  settings: WalkSettings,
  request: WalkRequest,
  hint: readonly Clause[],
): Promise<Walk> => {
  const { connection, timeField, timeouts } = settings;
  const sort = sortOf(timeField, request);
  const openedAtMs = request.view?.openedAtMs ?? settings.clock.nowMs();
  // Every answer may rename the view; the latest name is the one to use.
  let view = request.view?.id ?? (await openView(settings));
  let shards = 0;

  const search = async (query: Clause, body: Json, timeoutMs: number): Promise<{ verdict: Verdict; bytes: number }> => {
    const answer = await connection.ask({
      method: 'POST',
      path: '/_search',
      query: { allow_partial_search_results: 'false' },
      body: { pit: { id: view, keep_alive: keepAlive }, query, ...body },
      timeoutMs,
    });
    const verdict = verdictOnAnswer(answer);
    if (verdict.kind === 'whole' && typeof verdict.body['pit_id'] === 'string') view = verdict.body['pit_id'];
    return { verdict, bytes: answer.kind === 'answer' ? answer.bytes : 0 };
  };

  const close = async (): Promise<void> => {
    try {
      await connection.ask({ method: 'DELETE', path: '/_pit', body: { id: view }, timeoutMs: timeouts.requestMs });
    } catch (error) {
      // A view that cannot be freed expires by itself, `keepAlive` after its last use.
      if (!(error instanceof RetryLater || error instanceof OperatorMustFix)) throw error;
    }
  };

  const count = async (query: Clause): Promise<number> => {
    const { verdict } = await search(query, { size: 0, track_total_hits: true }, timeouts.requestMs);
    // No shard answers because the view is gone. Whether the pattern matches anything was checked by preflight.
    if (verdict.kind === 'nothing there')
      throw errorOf(connection.origin, settings.index, { kind: 'lost', reason: verdict.reason });
    if (verdict.kind !== 'whole') throw errorOf(connection.origin, settings.index, verdict);
    shards = shardsIn(verdict.body);
    return totalOf(verdict.body);
  };

  const all = queryOf(timeField, request, hint);

  const countAll = async (): Promise<number> => {
    const total = await count(all);
    await holdsAllClusters(settings, shards);
    return total;
  };

  const counted =
    request.view?.count ??
    (await countAll().catch(async (error: unknown) => {
      await close();
      throw error;
    }));

  return {
    openedAtMs,
    count: counted,
    countBefore: (time) => count(queryOf(timeField, request, [...hint, before(timeField, time)])),
    close,
    leave: () => (view.length <= longestLeftName ? { id: view, openedAtMs, count: counted } : undefined),
    page: async (after, limit) => {
      const cursor = readCursor(after);
      const body = {
        size: limit,
        sort,
        track_total_hits: false,
        ...(request.content === 'ids' && { _source: false }),
        ...(cursor && { search_after: cursor.sort }),
      };
      const asked = await search(all, body, timeouts.pageMs);
      // A single event is longer than an answer may be. It is given out without its content, because otherwise the walk would stop before
      // it for ever.
      const alone = limit === 1 && asked.verdict === tooLongVerdict;
      const { verdict, bytes } = alone ? await search(all, { ...body, _source: false }, timeouts.pageMs) : asked;
      if (verdict === tooLongVerdict) return { ...tooLongVerdict, isTooLong: true };
      if (verdict.kind === 'lost' || verdict.kind === 'too large') return verdict;
      if (verdict.kind === 'nothing there') return { kind: 'lost', reason: verdict.reason };
      if (verdict.kind !== 'whole') throw errorOf(connection.origin, settings.index, verdict);
      const hits = hitsOf(verdict.body);
      return pageOf(hits, { walked: cursor?.walked ?? 0, limit, counted, bytes, side: request.side ?? 'inside' });
    },
  };
};

const openView = async ({ connection, index, timeouts }: WalkSettings): Promise<string> => {
  const answer = await connection.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_pit`,
    query: { keep_alive: keepAlive },
    timeoutMs: timeouts.requestMs,
  });
  const verdict = answer.kind === 'answer' ? verdictOnFacts(answer.status, answer.body) : tooLongVerdict;
  if (verdict.kind !== 'whole') throw errorOf(connection.origin, index, verdict);
  const id = verdict.body['id'];
  if (typeof id === 'string') return id;
  throw new RetryLater(`Elasticsearch at ${connection.origin} opened a point in time without naming it.`);
};

const tooLongVerdict: Extract<Unfit, { kind: 'too large' }> = {
  kind: 'too large',
  reason: 'the answer is longer than its bound',
};

const verdictOnAnswer = (answer: Answer): Verdict =>
  answer.kind === 'answer' ? verdictOn(answer.status, answer.body) : tooLongVerdict;

/** Sort values of the last hit, and how many came before it. */
const readCursor = (after: PageCursor | undefined): { sort: unknown; walked: number } | undefined =>
  after === undefined ? undefined : { sort: after[0], walked: Number(after[1]) };

/**
 * The walk ends with a page that is not full, if as many events came as were counted; a short page before that is not taken for the end.
 * For events outside of the range the sort values are no times, and are left out.
 */
const pageOf = (
  hits: readonly SortedHit[],
  at: { walked: number; limit: number; counted: number; bytes: number; side: 'inside' | 'outside' },
): PageResult => {
  const walked = at.walked + hits.length;
  const last = hits.at(-1);
  const ended = last === undefined || (hits.length < at.limit && walked >= at.counted);
  return {
    kind: 'page',
    hits: at.side === 'inside' ? hits : hits.map(({ sort: _, ...hit }) => hit),
    next: ended ? undefined : [last.sort, walked],
    bytes: at.bytes,
  };
};
