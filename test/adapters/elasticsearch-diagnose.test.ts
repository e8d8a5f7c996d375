import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { elasticsearchDiagnosis } from '../../shared/adapters/elasticsearch/diagnose.ts';
import type { ElasticsearchDiagnosis } from '../../shared/ports/diagnosis.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { elasticsearch, errorAnswer, origin, searchAnswer, wholeShards } from '../support/elasticsearch-on-the-wire.ts';

const nowMs = Date.UTC(2026, 10, 20, 10);

const diagnosis = (index = 'closer-*'): ElasticsearchDiagnosis =>
  elasticsearchDiagnosis({
    url: origin,
    index,
    timeField: '@timestamp',
    secrets: memorySecrets({ elasticsearch: '{"apiKey":"canary-key"}' }),
    clock: recordingClock({ startMs: nowMs }),
  });

const forbidden = errorAnswer('security_exception', 'action is unauthorized for API key', 403);

describe('the server', () => {
  it('is known by its version and flavour', async () => {
    elasticsearch()
      .get('/')
      .reply(200, { version: { number: '8.11.0', build_flavor: 'serverless' } });
    expect(await diagnosis().server()).toEqual({ version: '8.11.0', flavour: 'serverless' });
  });

  it('may hide its version from credentials that only read', async () => {
    elasticsearch().get('/').reply(403, forbidden);
    expect(await diagnosis().server()).toEqual({});
  });

  it('is refused when it is OpenSearch, by its answers', async () => {
    nock(origin)
      .get('/')
      .reply(200, { version: { number: '3.8.0' } }, { 'x-opensearch-version': '3.8.0' });
    await expect(diagnosis().server()).rejects.toThrow('OpenSearch is not supported');
  });

  it('refuses credentials by kind, without their value', async () => {
    elasticsearch()
      .get('/')
      .reply(401, errorAnswer('security_exception', 'unable to authenticate', 401));
    await expect(diagnosis().server()).rejects.toThrow(
      `Elasticsearch at ${origin} refuses an API key (401 Unauthorized). Check the secret "elasticsearch".`,
    );
  });
});

describe('privileges', () => {
  const privilegesPath = '/_security/user/_has_privileges';
  const answers = (status: number, body: unknown) => elasticsearch().post(privilegesPath).reply(status, Object(body));

  it('are asked for every part of the pattern: what reads, and what a reader has no use for', async () => {
    elasticsearch()
      .post(privilegesPath, {
        index: [
          {
            names: ['closer-*', 'audit'],
            privileges: ['read', 'view_index_metadata', 'write', 'create_index', 'delete_index', 'manage'],
          },
        ],
      })
      .reply(200, { username: 'sluice', index: {} });
    expect(await diagnosis('closer-*,audit,-closer-old,remote:closer-*').privileges()).toMatchObject({ kind: 'seen' });
  });

  it('are missing when one part lacks them, and needless when one part has them', async () => {
    const reads = { read: true, view_index_metadata: true, write: false, manage: false };
    answers(200, {
      username: 'sluice',
      index: { 'closer-*': reads, audit: { ...reads, view_index_metadata: false, write: true } },
    });
    expect(await diagnosis('closer-*,audit').privileges()).toEqual({
      kind: 'seen',
      user: 'sluice',
      missing: ['view_index_metadata'],
      held: ['write'],
    });
  });

  it.each([
    [400, { error: 'no handler found for uri [/_security/user/_has_privileges] and method [POST]' }],
    [405, { error: 'Incorrect HTTP method for uri' }],
    [500, errorAnswer('exception', 'Security must be explicitly enabled when using a [basic] license')],
  ])('do not exist where security is off (%i)', async (status, body) => {
    answers(status, body);
    expect(await diagnosis().privileges()).toEqual({ kind: 'no security' });
  });

  it('stay hidden when the server does not say', async () => {
    answers(503, errorAnswer('unavailable_shards_exception', 'at least one primary shard is not active', 503));
    expect(await diagnosis().privileges()).toEqual({ kind: 'hidden', reason: 'it answers 503' });
  });
});

describe('indices', () => {
  const states = 'expand_wildcards=open%2Cclosed';
  const resolves = (body: unknown, status = 200, path = 'closer-*') =>
    elasticsearch().get(`/_resolve/index/${path}?${states}`).reply(status, Object(body));
  const sets = (body: unknown, status = 200, path = 'closer-*') =>
    elasticsearch().get(`/${path}/_settings?${states}&flat_settings=true`).reply(status, Object(body));
  const maps = (body: unknown, path = 'closer-*') =>
    elasticsearch().get(`/${path}/_mapping?${states}&filter_path=*.mappings._source`).reply(200, Object(body));

  it('are named with their state, their stream, their refresh and what they keep', async () => {
    resolves({
      indices: [
        { name: 'closer-1', attributes: ['open'] },
        { name: 'closer-2', attributes: ['closed'] },
        { name: '.ds-closer-3', attributes: ['open'], data_stream: 'closer-3' },
      ],
      data_streams: [{ name: 'closer-3', backing_indices: '.ds-closer-3', timestamp_field: '@timestamp' }],
    });
    sets({
      'closer-1': { settings: { 'index.refresh_interval': '1m' } },
      'closer-2': { settings: { 'index.refresh_interval': '-1' } },
      '.ds-closer-3': { settings: { 'index.mapping.source.mode': 'synthetic' } },
    });
    maps({ 'closer-2': { mappings: { _source: { enabled: false } } } });
    expect(await diagnosis().indices()).toEqual({
      kind: 'seen',
      value: [
        { name: 'closer-1', state: 'open', refreshMs: 60_000, source: 'kept' },
        { name: 'closer-2', state: 'closed', refreshMs: 'never', source: 'disabled' },
        { name: '.ds-closer-3', state: 'open', dataStream: 'closer-3', refreshMs: 1000, source: 'synthetic' },
      ],
    });
  });

  it('stay hidden from credentials that may only read', async () => {
    resolves(forbidden, 403);
    expect(await diagnosis().indices()).toEqual({
      kind: 'hidden',
      reason: '403 security_exception: action is unauthorized for API key',
    });
  });

  it('of other clusters are not asked for settings, which only the own one has', async () => {
    elasticsearch().get(`/_resolve/index/remote%3Acloser%2Ccloser-*?${states}`).reply(200, { indices: [] });
    sets({ 'closer-1': { settings: {} } });
    maps({});
    expect(await diagnosis('remote:closer,closer-*').indices()).toMatchObject({ value: [{ name: 'closer-1' }] });
    expect(await diagnosis('remote:closer').indices()).toEqual({
      kind: 'hidden',
      reason: 'all of the pattern lies in other clusters',
    });
  });
});

describe('fields', () => {
  it('have a type by index, and are unmapped where they are missing', async () => {
    elasticsearch()
      .get('/closer-*/_field_caps?fields=%40timestamp%2Cuser.id&include_unmapped=true')
      .reply(200, {
        indices: ['closer-1', 'closer-2'],
        fields: {
          '@timestamp': { date: { type: 'date' } },
          'user.id': { long: { type: 'long', indices: ['closer-1'] }, unmapped: { indices: ['closer-2'] } },
        },
      });
    expect(await diagnosis().fields(['@timestamp', 'user.id'])).toEqual([
      { name: '@timestamp', types: { date: undefined } },
      { name: 'user.id', types: { long: ['closer-1'], unmapped: ['closer-2'] } },
    ]);
  });
});

describe('health', () => {
  it('names the indices that lack a shard or a copy', async () => {
    elasticsearch()
      .get('/_cluster/health/closer-*?level=indices&timeout=1s')
      .reply(200, {
        status: 'red',
        number_of_nodes: 3,
        indices: { 'closer-1': { status: 'red' }, 'closer-2': { status: 'yellow' }, 'closer-3': { status: 'green' } },
      });
    expect(await diagnosis().health()).toEqual({
      kind: 'seen',
      value: { status: 'red', nodes: 3, red: ['closer-1'], yellow: ['closer-2'] },
    });
  });

  it('takes a privilege that pull does not need', async () => {
    elasticsearch().get('/_cluster/health/closer-*?level=indices&timeout=1s').reply(403, forbidden);
    expect(await diagnosis().health()).toEqual({ kind: 'hidden', reason: 'it takes the cluster privilege `monitor`' });
  });

  it('waits in vain for an index that is not there', async () => {
    elasticsearch()
      .get('/_cluster/health/closer-*?level=indices&timeout=1s')
      .reply(408, { status: 'red', timed_out: true, indices: {} });
    expect(await diagnosis().health()).toEqual({ kind: 'hidden', reason: 'no index matches' });
  });
});

describe('a glance', () => {
  const glancePath = '/closer-*/_search?allow_partial_search_results=false';
  const answer = (to: number) =>
    searchAnswer({
      hits: { total: { value: 42, relation: 'eq' }, hits: [] },
      aggregations: { clock: { buckets: [{ key: '*-x', to, doc_count: 0 }] } },
    });

  it('counts the documents and brings the clock of the server', async () => {
    elasticsearch()
      .post(glancePath, (body) => body.aggs.clock.date_range.ranges[0].to === 'now')
      .reply(200, answer(nowMs + 7000));
    expect(await diagnosis().glance()).toEqual({ documents: 42, serverMs: nowMs + 7000, oursMs: nowMs, tookMs: 0 });
  });

  it('is not believed when a shard is missing from it', async () => {
    elasticsearch()
      .post(glancePath)
      .reply(200, { ...answer(nowMs), _shards: { ...wholeShards, successful: 1, failed: 1 } });
    await expect(diagnosis().glance()).rejects.toThrow('only 1 of 2 shards answered');
  });
});
