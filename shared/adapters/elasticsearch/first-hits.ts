import type { Clause } from '../../core/filter-elasticsearch.ts';
import type { FirstHits, WalkRequest } from '../../ports/source.ts';
import { type Verdict, verdictOn } from './answers.ts';
import { hitsOf, totalOf } from './hits.ts';
import { errorOf } from './refusals.ts';
import { queryOf, sortOf } from './search-bodies.ts';
import type { WalkSettings } from './walk-settings.ts';

/**
 * The beginning of a walk by one plain search: no view is opened, counted in and closed. The server counts no further than it searches, so
 * that counting costs nothing.
 * @see https://www.elastic.co/docs/reference/elasticsearch/rest-apis/track-total-hits
 */
export const firstHits = async (
  { connection, index, timeField, timeouts }: WalkSettings,
  request: WalkRequest,
  { hint, limit }: { readonly hint: readonly Clause[]; readonly limit: number },
): Promise<FirstHits> => {
  const answer = await connection.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { allow_partial_search_results: 'false' },
    body: {
      query: queryOf(timeField, request, hint),
      size: limit,
      sort: sortOf(timeField, request),
      track_total_hits: limit + 1,
    },
    timeoutMs: timeouts.pageMs,
  });
  const verdict: Verdict =
    answer.kind === 'answer'
      ? verdictOn(answer.status, answer.body)
      : { kind: 'too large', reason: `the answer is longer than ${answer.maxBytes} bytes` };
  if (verdict.kind === 'lost' || verdict.kind === 'too large') return { hits: [], extent: 'more' };
  if (verdict.kind !== 'whole') throw errorOf(connection.origin, index, verdict);
  const hits = hitsOf(verdict.body);
  // An answer with fewer hits than asked for is the end only if the server has counted as many.
  return { hits, extent: hits.length < limit && totalOf(verdict.body) === hits.length ? 'all' : 'more' };
};
