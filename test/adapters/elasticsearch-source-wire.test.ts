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
  indexPath,
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
          mode: 'min',
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
    elasticsearch().get(indexPath).query(true).reply(200, {});
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
