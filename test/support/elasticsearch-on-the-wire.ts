import nock from 'nock';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { toInstant } from '../../shared/core/instant.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import type { Source, WalkRequest } from '../../shared/ports/source.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

export const origin = 'https://es.example.com:9200';

export const aSource = (
  options: { secrets?: Secrets; url?: string; requestMs?: number; maxAnswerBytes?: number; clock?: Clock } = {},
): Source => {
  const { secrets = memorySecrets(), url = origin, requestMs, maxAnswerBytes, clock = recordingClock() } = options;
  return elasticsearchSource({
    id: 'closer',
    url,
    index: 'closer-*',
    timeField: '@timestamp',
    secrets,
    clock,
    ...(requestMs !== undefined && { timeouts: { requestMs, pageMs: requestMs } }),
    ...(maxAnswerBytes !== undefined && { maxAnswerBytes }),
  });
};

const at = (text: string) => {
  const instant = toInstant(text);
  if (!instant) throw new Error(`no instant: ${text}`);
  return instant;
};

export const january: WalkRequest = { range: { from: at('2026-01-01T00:00:00Z'), to: at('2026-01-31T23:59:59.999Z') } };

export const wholeShards = { total: 2, successful: 2, skipped: 0, failed: 0 };

/** The answer to a search that is whole, unless `parts` says otherwise. */
export const searchAnswer = (parts: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  took: 3,
  timed_out: false,
  pit_id: 'view-1',
  _shards: wholeShards,
  hits: { total: { value: 1, relation: 'eq' }, hits: [aHit('a')] },
  ...parts,
});

export const aHit = (id: string, n = 0) => ({
  _index: 'closer-1',
  _id: id,
  _source: { '@timestamp': '2026-01-01T00:00:00.000+0000' },
  sort: ['2026-01-01T00:00:00.000Z', n],
});

export const errorAnswer = (
  type: string,
  reason: string | null = 'as the test says',
  status = 500,
): Record<string, unknown> => ({
  error: { root_cause: [{ type, reason }], type, reason },
  status,
});

/** Interceptors that answer as Elasticsearch does, its product header included. */
export const elasticsearch = (url = origin) =>
  nock(url).defaultReplyHeaders({ 'x-elastic-product': 'Elasticsearch', 'content-type': 'application/json' });

export const searchPath = '/_search?allow_partial_search_results=false';
/** Without the parts of the answer that are asked for. */
export const indexPath = '/closer-*';
export const viewPath = '/closer-*/_pit?keep_alive=5m';

/** Answers the requests that open a walk: the view, and its count. */
export const answersOpening = (count = 1): void => {
  elasticsearch().post(viewPath).reply(200, { id: 'view-1', _shards: wholeShards });
  elasticsearch()
    .post(searchPath, (body) => body.size === 0)
    .reply(200, searchAnswer({ hits: { total: { value: count, relation: 'eq' }, hits: [] } }));
};

/** Answers the requests of a preflight that passes. */
export const answersPreflight = (): void => {
  elasticsearch()
    .get('/closer-*/_field_caps?fields=%40timestamp')
    .reply(200, { indices: ['closer-1'], fields: { '@timestamp': { date: { type: 'date' } } } });
  elasticsearch().post('/closer-*/_search?allow_partial_search_results=false').reply(200, searchAnswer());
  elasticsearch()
    .get('/')
    .reply(200, { version: { number: '8.19.21' } });
};
