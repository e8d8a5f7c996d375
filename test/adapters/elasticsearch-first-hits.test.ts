import nock from 'nock';
import { afterEach, describe, expect, it } from 'vitest';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { RetryLater, SluiceError } from '../../shared/core/errors.ts';
import type { Instant } from '../../shared/core/instant.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

const origin = 'http://elastic.acme.example:9200';
const source = elasticsearchSource({
  id: 'closer',
  url: origin,
  index: 'closer*',
  timeField: '@timestamp',
  secrets: { get: async () => undefined },
  clock: recordingClock(),
});
const range = { from: '2026-05-05T00:00:00.000000000Z' as Instant, to: '2026-05-06T00:00:00.000000000Z' as Instant };
const hit = (id: string) => ({ _index: 'closer', _id: id, _source: {}, sort: ['2026-05-05T10:00:00.000000000Z'] });
const answers = (hits: readonly unknown[], total: object, more: object = {}) =>
  nock(origin)
    .post('/closer*/_search?allow_partial_search_results=false', (body) => {
      expect(body).toMatchObject({ size: 3, track_total_hits: 4 });
      return !('pit' in body);
    })
    .reply(
      200,
      {
        timed_out: false,
        _shards: { total: 1, successful: 1, skipped: 0, failed: 0 },
        hits: { total, hits },
        ...more,
      },
      { 'x-elastic-product': 'Elasticsearch' },
    );

afterEach(() => nock.cleanAll());

describe('the first hits of a walk', () => {
  it('are all when fewer came than were asked for, and as many were counted', async () => {
    answers([hit('a'), hit('b')], { value: 2, relation: 'eq' });
    expect(await source.first?.({ range }, 3)).toMatchObject({ extent: 'all', hits: [{ _id: 'a' }, { _id: 'b' }] });
  });

  it.each([
    ['as many came as were asked for', ['a', 'b', 'c'], { value: 4, relation: 'gte' }],
    ['fewer came than were counted', ['a', 'b'], { value: 3, relation: 'eq' }],
  ])('may not be all when %s', async (_, ids, total) => {
    answers(ids.map(hit), total);
    expect(await source.first?.({ range }, 3)).toMatchObject({ extent: 'more' });
  });

  it.each([
    ['timed out', { timed_out: true }],
    ['of a part of the shards', { _shards: { total: 2, successful: 1, skipped: 0, failed: 1 } }],
    ['of no shard', { _shards: { total: 0, successful: 0, skipped: 0, failed: 0 } }],
    ['terminated early', { terminated_early: true }],
    ['without a remote cluster', { _clusters: { total: 2, successful: 1, skipped: 1 } }],
  ])('are never taken from an answer %s', async (_, more) => {
    answers([hit('a')], { value: 1, relation: 'eq' }, more);
    const found = await source.first?.({ range }, 3).catch((error: unknown) => error);
    const left = { hits: [], extent: 'more' };
    expect(found instanceof SluiceError ? left : found).toEqual(left);
  });

  it('are asked for again when nobody answers', async () => {
    nock(origin)
      .post(/_search/)
      .replyWithError('connection refused');
    await expect(source.first?.({ range }, 3)).rejects.toBeInstanceOf(RetryLater);
  });
});
