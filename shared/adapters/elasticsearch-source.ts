import { type Clause, elasticsearchHint, type IndexedAs } from '../core/filter-elasticsearch.ts';
import { tenantHint } from '../core/tenant-elasticsearch.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Source, WalkRequest } from '../ports/source.ts';
import { connectTo, type Wire } from './elasticsearch/connection.ts';
import { countPerMinute } from './elasticsearch/count-per-minute.ts';
import { findHit } from './elasticsearch/find.ts';
import { firstHits } from './elasticsearch/first-hits.ts';
import { layoutReader } from './elasticsearch/layout.ts';
import { preflight } from './elasticsearch/preflight.ts';
import { openWalk } from './elasticsearch/walk.ts';

export interface ElasticsearchSourceOptions {
  readonly id: string;
  /** `http:` or `https:`, a path before the API's own is allowed; no user or password in it. */
  readonly url: string;
  /** Index, alias, data stream or pattern; several with commas. */
  readonly index: string;
  readonly timeField: string;
  /** Holds `elasticsearch`; without it requests carry no credentials. */
  readonly secrets: Secrets;
  readonly clock: Clock;
  /** Bounds of one whole exchange. Default: 30 000 ms, and 60 000 ms for a page. */
  readonly timeouts?: { readonly requestMs?: number; readonly pageMs?: number };
  /** Bound of one answer; a longer page is `too large`. Default: 32 MiB. */
  readonly maxAnswerBytes?: number;
  /** Default: HTTP. */
  readonly wire?: Wire;
}

/**
 * The events of an Elasticsearch 7.17, 8 or 9, read by point in time and `search_after`. It never retries beyond a broken kept-alive
 * connection: the caller decides what to do about `RetryLater`.
 * @throws OperatorMustFix when `url` is none
 */
export const elasticsearchSource = (options: ElasticsearchSourceOptions): Source => {
  const { url, index, timeField, secrets, clock, wire } = options;
  const maxAnswerBytes = options.maxAnswerBytes ?? 32 * 1024 * 1024;
  const connection = connectTo({ url, secrets, maxAnswerBytes, ...(wire && { wire }) });
  const timeouts = { requestMs: 30_000, pageMs: 60_000, ...options.timeouts };
  const settings = { connection, index, timeField, clock, timeouts };
  const layout = layoutReader(settings);
  return {
    id: options.id,
    preflight: () => preflight(settings),
    open: async (request) => openWalk(settings, request, await hintOf(request, layout)),
    first: async (request, limit) => firstHits(settings, request, { hint: await hintOf(request, layout), limit }),
    find: (eventId) => findHit(settings, eventId),
    countPerMinute: (range) => countPerMinute(settings, range),
  };
};

/** The mapping is read only if a clause of the hint depends on it. */
const hintOf = async (
  { where, evidence, ids }: WalkRequest,
  layout: () => Promise<IndexedAs | undefined>,
): Promise<readonly Clause[]> => {
  const { from: _from, to: _to, ...filter } = where ?? {};
  const dependsOnMapping = evidence !== undefined || Object.keys(filter).length > 0;
  const indexedAs = dependsOnMapping ? await layout() : undefined;
  return [
    ...(indexedAs ? elasticsearchHint(filter, indexedAs) : []),
    ...(indexedAs && evidence ? tenantHint(evidence, indexedAs) : []),
    ...(ids ? [{ ids: { values: ids } }] : []),
  ];
};
