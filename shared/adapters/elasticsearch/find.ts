import type { Hit } from '../../core/event.ts';
import { streamOf } from '../../core/event-key.ts';
import { isJson, type Verdict, verdictOn } from './answers.ts';
import { errorOf } from './refusals.ts';
import { everything, queryOf, sortOf } from './search-bodies.ts';
import type { WalkSettings } from './walk-settings.ts';

/** An `_id` has at most 512 bytes; longer ones are not asked for. */
const maxIdBytes = 512;

/** How many indices may hold the same `_id`: backing indices of one data stream, and indices whose name contains another's. */
const mostNamesakes = 100;

/**
 * One document by event id, searched only within the source's own pattern: the index in the event id narrows the search, never widens it.
 * Its sort value is the one that a walk brings, which the server makes of what the document says. A document that lies outside of every range
 * has no sort value.
 *
 * The content and the sort value are asked for at the same time, so that an id without a document costs as many searches.
 * @throws RetryLater no whole answer; OperatorMustFix nothing matches the pattern, no permission
 * @see https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-ids-query
 */
export const findHit = async (settings: WalkSettings, eventId: string): Promise<Hit | undefined> => {
  const slash = eventId.indexOf('/');
  const [name, id] = [eventId.slice(0, slash), eventId.slice(slash + 1)];
  if (slash < 1 || id === '' || Buffer.byteLength(id) > maxIdBytes) return undefined;
  // The name of a backing index contains the stream's name.
  const named = { wildcard: { _index: { value: `*${name.replace(/[\\*?]/g, '\\$&')}*` } } };
  const wanted = [{ ids: { values: [id] } }, named];
  const inside = { range: everything };
  const [hits, placed] = await Promise.all([
    searchHits(settings, { query: { bool: { filter: wanted } } }),
    searchHits(settings, {
      query: queryOf(settings.timeField, inside, wanted),
      sort: sortOf(settings.timeField, inside),
      _source: false,
    }),
  ]);
  const hit = hits.find((one) => `${streamOf(one._index)}/${one._id}` === eventId);
  if (!hit) return undefined;
  const place = placed.find(({ _index, _id }) => _index === hit._index && _id === hit._id);
  return { ...hit, ...(place?.sort && { sort: place.sort }) };
};

const searchHits = async (
  { connection, index, timeouts }: WalkSettings,
  body: Readonly<Record<string, unknown>>,
): Promise<readonly Hit[]> => {
  const answer = await connection.ask({
    method: 'POST',
    path: `/${encodeURIComponent(index)}/_search`,
    query: { allow_partial_search_results: 'false' },
    body: { size: mostNamesakes, ...body },
    timeoutMs: timeouts.pageMs,
  });
  const verdict: Verdict =
    answer.kind === 'answer'
      ? verdictOn(answer.status, answer.body)
      : { kind: 'too large', reason: `the answer is longer than ${answer.maxBytes} bytes` };
  if (verdict.kind !== 'whole') throw errorOf(connection.origin, index, verdict);
  const hits = isJson(verdict.body['hits']) ? verdict.body['hits']['hits'] : undefined;
  if (!Array.isArray(hits))
    throw errorOf(connection.origin, index, { kind: 'later', reason: 'no hits in the form that is documented' });
  return hits.filter(isHit);
};

const isHit = (hit: unknown): hit is Hit =>
  isJson(hit) && typeof hit['_id'] === 'string' && typeof hit['_index'] === 'string';
