import { inspect } from 'node:util';
import nock from 'nock';
import { describe, expect, it, vi } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import {
  aHit,
  answersOpening,
  aSource,
  elasticsearch,
  errorAnswer,
  january,
  origin,
  searchAnswer,
  searchPath,
  viewPath,
  wholeShards,
} from '../support/elasticsearch-on-the-wire.ts';

const range = {
  range: {
    '@timestamp': {
      gte: '2026-01-01T00:00:00.000000000Z',
      lte: '2026-01-31T23:59:59.999000000Z',
      format: 'strict_date_optional_time_nanos',
    },
  },
};

describe('requests', () => {
  it('opens a view, counts in it, pages through it and frees it, by requests that 7.17, 8 and 9 accept', async () => {
    elasticsearch().post(viewPath).reply(200, { id: 'view-1', _shards: wholeShards });
    const pit = (id: string) => ({ id, keep_alive: '5m' });
    const query = { bool: { filter: [range] } };
    elasticsearch()
      .post(searchPath, { pit: pit('view-1'), query, size: 0, track_total_hits: true })
      .reply(200, searchAnswer({ pit_id: 'view-2', hits: { total: { value: 2, relation: 'eq' }, hits: [] } }));
    const sort = [
      {
        '@timestamp': {
          order: 'asc',
          format: 'strict_date_optional_time_nanos',
          numeric_type: 'date_nanos',
          unmapped_type: 'date',
        },
      },
    ];
    const page = { query, size: 1, sort, track_total_hits: false };
    elasticsearch()
      .post(searchPath, { pit: pit('view-2'), ...page })
      .reply(200, searchAnswer({ pit_id: 'view-2', hits: { hits: [aHit('a', 7)] } }));
    elasticsearch()
      .post(searchPath, { pit: pit('view-2'), ...page, search_after: ['2026-01-01T00:00:00.000Z', 7] })
      .reply(200, searchAnswer({ pit_id: 'view-2', hits: { hits: [aHit('b', 8)] } }));
    elasticsearch()
      .post(searchPath, { pit: pit('view-2'), ...page, search_after: ['2026-01-01T00:00:00.000Z', 8] })
      .reply(200, searchAnswer({ pit_id: 'view-2', hits: { hits: [] } }));
    elasticsearch().delete('/_pit', { id: 'view-2' }).reply(200, { succeeded: true, num_freed: 2 });

    const walk = await aSource().open(january);
    const first = await walk.page(undefined, 1);
    if (first.kind !== 'page') throw new Error(first.reason);
    const second = await walk.page(first.next, 1);
    if (second.kind !== 'page') throw new Error(second.reason);
    const third = await walk.page(second.next, 1);
    await walk.close();

    expect([...first.hits, ...second.hits].map(({ _id }) => _id)).toEqual(['a', 'b']);
    expect(third).toMatchObject({ kind: 'page', hits: [], next: undefined });
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('sorts the outside by the tie-break alone, since a time beyond nanoseconds fails its whole shard', async () => {
    answersOpening();
    elasticsearch()
      .post(searchPath, (body) => {
        expect(body.query).toEqual({ bool: { must_not: [range], filter: [] } });
        expect(body.sort).toEqual([{ _shard_doc: { order: 'asc' } }]);
        return true;
      })
      .reply(200, searchAnswer({ hits: { hits: [{ ...aHit('a'), sort: [4_294_967_296] }] } }));
    const walk = await aSource().open({ ...january, side: 'outside' });
    const page = await walk.page(undefined, 10);
    expect(page).toMatchObject({ kind: 'page', next: undefined });
    expect(page.kind === 'page' && page.hits[0]).not.toHaveProperty('sort');
  });

  it('sends the hint of a filter with every search', async () => {
    const seen: unknown[] = [];
    elasticsearch().post(viewPath).reply(200, { id: 'view-1', _shards: wholeShards });
    elasticsearch()
      .post(searchPath, (body) => seen.push(body.query.bool.filter) > 0)
      .twice()
      .reply(200, searchAnswer());
    const walk = await aSource().open({ ...january, where: { method: ['PUT'] } });
    await walk.page(undefined, 10);
    expect(JSON.stringify(seen[0])).toContain('http.request.method');
    expect(seen[1]).toEqual(seen[0]);
  });

  it('sends plain JSON types, an API key, and nothing about the machine it runs on', async () => {
    nock(origin, {
      reqheaders: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: 'ApiKey a2V5OnNlY3JldA==',
      },
      badheaders: ['x-elastic-client-meta'],
    })
      .post(viewPath)
      .reply(403, errorAnswer('security_exception'), { 'content-type': 'application/json' });
    const secrets = memorySecrets({ elasticsearch: '{"apiKey":"a2V5OnNlY3JldA=="}' });
    await expect(aSource({ secrets }).open(january)).rejects.toThrow('403 security_exception');
  });

  it('sends a user and password as Basic credentials', async () => {
    const request = elasticsearch().post(viewPath).basicAuth({ user: 'sluice', pass: 'päss' });
    request.reply(200, { id: 'view-1', _shards: wholeShards });
    elasticsearch().post(searchPath).reply(200, searchAnswer());
    const secrets = memorySecrets({ elasticsearch: '{"username":"sluice","password":"päss"}' });
    expect((await aSource({ secrets }).open(january)).count).toBe(1);
  });

  it('asks for the secret again after a 401, and goes on when it has changed', async () => {
    const secrets = memorySecrets({ elasticsearch: '{"apiKey":"old-key"}' });
    elasticsearch()
      .post(viewPath)
      .matchHeader('authorization', 'ApiKey old-key')
      .reply(() => {
        secrets.rotate('elasticsearch', '{"apiKey":"new-key"}');
        return [401, errorAnswer('security_exception')];
      });
    elasticsearch()
      .post(viewPath)
      .matchHeader('authorization', 'ApiKey new-key')
      .reply(200, { id: 'view-1', _shards: wholeShards });
    elasticsearch().post(searchPath).matchHeader('authorization', 'ApiKey new-key').reply(200, searchAnswer());
    expect((await aSource({ secrets }).open(january)).count).toBe(1);
  });

  it('asks once more when a kept-alive connection breaks, and only once', async () => {
    elasticsearch()
      .post(viewPath)
      .replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    answersOpening();
    expect((await aSource().open(january)).count).toBe(1);
    elasticsearch()
      .post(viewPath)
      .twice()
      .replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    await expect(aSource().open(january)).rejects.toThrow(RetryLater);
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('frees the view when its count fails', async () => {
    elasticsearch().post(viewPath).reply(200, { id: 'view-1', _shards: wholeShards });
    elasticsearch().post(searchPath).reply(503, errorAnswer('search_phase_execution_exception'));
    elasticsearch().delete('/_pit', { id: 'view-1' }).reply(200, { succeeded: true });
    await expect(aSource().open(january)).rejects.toThrow(RetryLater);
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('closes without a word when the view is gone already', async () => {
    answersOpening();
    const walk = await aSource().open(january);
    elasticsearch().delete('/_pit').reply(404, { succeeded: false, num_freed: 0 });
    await walk.close();
    elasticsearch().delete('/_pit').replyWithError('no route to host');
    await walk.close();
  });
});

describe('pages', () => {
  const pageAfter = async (status: number, body: unknown) => {
    answersOpening(2);
    const walk = await aSource().open(january);
    elasticsearch()
      .post(searchPath)
      .reply(status, body as Record<string, unknown>);
    return walk.page(undefined, 10);
  };
  const failures = (type: string) => [{ shard: 0, index: 'closer-1', reason: { type, reason: 'as the test says' } }];
  const shards = (parts: Readonly<Record<string, unknown>>) => searchAnswer({ _shards: { ...wholeShards, ...parts } });

  it.each([
    ['a shard failed', shards({ successful: 1, failed: 1, failures: failures('illegal_state_exception') })],
    ['a shard did not answer, although none is called failed', shards({ successful: 1 })],
    ['no shard was searched, as for an unknown view', shards({ total: 0, successful: 0 })],
    ['it does not say which shards answered', searchAnswer({ _shards: undefined })],
    ['a remote cluster was skipped', searchAnswer({ _clusters: { total: 2, successful: 1, skipped: 1 } })],
    ['a remote cluster was partial', searchAnswer({ _clusters: { total: 2, successful: 1, skipped: 0, partial: 1 } })],
    ['a remote cluster failed', searchAnswer({ _clusters: { total: 2, successful: 1, skipped: 0, failed: 1 } })],
  ])('are refused and their view given up when %s', async (_, body) => {
    expect(await pageAfter(200, body)).toMatchObject({ kind: 'lost' });
  });

  it.each([
    ['the search timed out', 200, searchAnswer({ timed_out: true })],
    ['it does not say whether it timed out', 200, searchAnswer({ timed_out: undefined })],
    ['the search was terminated early', 200, searchAnswer({ terminated_early: true })],
    ['a hit has no sort values', 200, searchAnswer({ hits: { hits: [{ _index: 'a', _id: 'b' }] } })],
    ['the answer holds no hits', 200, searchAnswer({ hits: undefined })],
    ['the server fails', 500, errorAnswer('null_pointer_exception')],
    ['the cluster has no master', 503, errorAnswer('cluster_block_exception')],
    ['a proxy answers for the server', 502, '<html>Bad Gateway</html>'],
    ['the answer is no JSON', 200, '{"took":'],
  ])('are left to the next run when %s', async (_, status, body) => {
    await expect(pageAfter(status, body)).rejects.toThrow(RetryLater);
  });

  it.each([
    ['the view expired', 404, errorAnswer('search_context_missing_exception', 'No search context found for id [3]')],
    ['a node of the view is gone', 404, errorAnswer('search_context_missing_nodes_exception')],
    ['an index of the view was deleted', 404, errorAnswer('index_not_found_exception')],
    ['a shard is nowhere', 503, errorAnswer('no_shard_available_action_exception', null)],
    [
      '7.17 misses shards',
      503,
      errorAnswer('search_phase_execution_exception', 'Search rejected due to missing shards [[p][1]].'),
    ],
  ])('are lost with their view when %s', async (_, status, body) => {
    expect(await pageAfter(status, body)).toMatchObject({ kind: 'lost' });
  });

  it.each([
    ['the memory of the server is at its limit', 429, errorAnswer('circuit_breaking_exception')],
    ['a shard is out of memory, with status 500', 500, errorAnswer('circuit_breaking_exception')],
    ['the search queue is full', 429, errorAnswer('es_rejected_execution_exception')],
    ['a proxy answers 429', 429, 'slow down'],
    ['the request is too large', 413, errorAnswer('content_too_large')],
    [
      'the page is longer than the index allows',
      400,
      errorAnswer('illegal_argument_exception', 'Result window is too large'),
    ],
    [
      'one shard rejected the search',
      200,
      shards({ successful: 1, failed: 1, failures: failures('es_rejected_execution_exception') }),
    ],
  ])('are asked for smaller when %s', async (_, status, body) => {
    expect(await pageAfter(status, body)).toMatchObject({ kind: 'too large' });
  });

  it('need an operator when the privilege to read was taken away', async () => {
    await expect(pageAfter(403, errorAnswer('security_exception', 'action [read] is unauthorized'))).rejects.toThrow(
      'Elasticsearch at https://es.example.com:9200 forbids reading "closer-*" (403 security_exception: action [read] is unauthorized). ' +
        'Give the credentials of the secret "elasticsearch" the index privilege `read` on it.',
    );
  });

  it('do not end the walk when one is short and less came than was counted', async () => {
    answersOpening(3);
    const walk = await aSource().open(january);
    elasticsearch().post(searchPath).reply(200, searchAnswer());
    const short = await walk.page(undefined, 10);
    expect(short).toMatchObject({ kind: 'page', next: expect.anything() });
    if (short.kind !== 'page') throw new Error(short.reason);
    elasticsearch()
      .post(searchPath)
      .reply(200, searchAnswer({ hits: { hits: [] } }));
    expect(await walk.page(short.next, 10)).toMatchObject({ hits: [], next: undefined });
  });

  it('are bounded: a longer answer is too large, and an event that is longer alone comes without its content', async () => {
    answersOpening();
    const walk = await aSource({ maxAnswerBytes: 500 }).open(january);
    const long = { ...aHit('long'), _source: { text: 'x'.repeat(1000) } };
    elasticsearch()
      .post(searchPath)
      .reply(200, searchAnswer({ hits: { hits: [long] } }));
    expect(await walk.page(undefined, 2)).toMatchObject({ kind: 'too large' });
    elasticsearch()
      .post(searchPath)
      .reply(200, searchAnswer({ hits: { hits: [long] } }));
    const { _source, ...bare } = long;
    elasticsearch()
      .post(searchPath, (body) => body._source === false)
      .reply(200, searchAnswer({ hits: { hits: [bare] } }));
    expect(await walk.page(undefined, 1)).toMatchObject({ kind: 'page', hits: [bare] });
  });

  it('are never taken without content because the server is busy', async () => {
    answersOpening();
    const walk = await aSource().open(january);
    elasticsearch().post(searchPath).reply(429, errorAnswer('es_rejected_execution_exception'));
    expect(await walk.page(undefined, 1)).toMatchObject({ kind: 'too large' });
  });
});

describe('secrets', () => {
  it('are in no error, cause or output, whatever goes wrong', async () => {
    const written = [vi.spyOn(process.stdout, 'write'), vi.spyOn(process.stderr, 'write')];
    const key = 'c2VjcmV0LWtleS1vZi1hY21l';
    const secrets = memorySecrets({ elasticsearch: JSON.stringify({ apiKey: key }) });
    const broken = memorySecrets({ elasticsearch: `{"apiKey": ${key}` });
    const errors: unknown[] = [];
    const collect = (work: Promise<unknown>) => work.catch((error: unknown) => errors.push(error));
    for (const status of [400, 401, 403, 404, 429, 500, 503]) {
      elasticsearch().post(viewPath).reply(status, errorAnswer('exception'));
      await collect(aSource({ secrets }).open(january));
    }
    elasticsearch().post(viewPath).twice().replyWithError('socket hang up');
    await collect(aSource({ secrets }).open(january));
    elasticsearch().post(viewPath).delay(1000).reply(200, {});
    await collect(aSource({ secrets, requestMs: 20 }).open(january));
    nock(origin).post(viewPath).reply(200, {});
    await collect(aSource({ secrets }).open(january));
    await collect(aSource({ secrets: broken }).open(january));

    expect(errors).toHaveLength(11);
    const printed = errors.map((error) => inspect(error, { depth: 20, showHidden: true })).join('\n');
    expect(printed).not.toContain(key);
    expect(printed).not.toContain(Buffer.from(key).toString('base64'));
    expect(written.flatMap(({ mock }) => mock.calls)).toEqual([]);
  });
});
