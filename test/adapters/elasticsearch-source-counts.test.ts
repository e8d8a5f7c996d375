import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { toInstant } from '../../shared/core/instant.ts';
import {
  answersOpening,
  aSource,
  elasticsearch,
  errorAnswer,
  january,
  searchAnswer,
  searchPath,
  wholeShards,
} from '../support/elasticsearch-on-the-wire.ts';

const countPath = '/closer-*/_search?allow_partial_search_results=false';
const at = (text: string) => toInstant(text) ?? expect.fail(`no instant: ${text}`);
const aDay = { from: at('2026-01-01T00:00:00Z'), to: at('2026-01-01T23:59:59.999999999Z') };

const countsAnswer = (buckets: readonly unknown[], parts: Readonly<Record<string, unknown>> = {}) => ({
  took: 3,
  timed_out: false,
  _shards: wholeShards,
  hits: { hits: [] },
  aggregations: { minutes: { buckets } },
  ...parts,
});

describe('counts per minute', () => {
  it('are one aggregation for a day, by a request that 7.17, 8 and 9 accept', async () => {
    elasticsearch()
      .post(countPath, {
        size: 0,
        track_total_hits: false,
        query: {
          bool: {
            filter: [
              { range: { '@timestamp': { gte: aDay.from, lte: aDay.to, format: 'strict_date_optional_time_nanos' } } },
            ],
          },
        },
        aggs: {
          minutes: {
            date_histogram: {
              field: '@timestamp',
              fixed_interval: '1m',
              min_doc_count: 1,
              format: "uuuu-MM-dd'T'HH:mm",
            },
          },
        },
      })
      .reply(200, countsAnswer([{ key_as_string: '2026-01-01T00:07', key: 1767225600000, doc_count: 3 }]));
    expect([...(await aSource().countPerMinute(aDay))]).toEqual([['2026-01-01T00:07', 3]]);
    expect(nock.pendingMocks()).toEqual([]);
  });

  it('are cut so that no answer has more than 10 000 buckets, and no minute is cut in two', async () => {
    const ranges: { gte: string; lte: string }[] = [];
    elasticsearch()
      .post(countPath, (body) => ranges.push(body.query.bool.filter[0].range['@timestamp']) > 0)
      .times(3)
      .reply(200, countsAnswer([]));
    await aSource().countPerMinute({ from: at('2026-01-01T00:00:30Z'), to: at('2026-01-15T00:00:00Z') });
    expect(ranges.map(({ gte, lte }) => [gte, lte])).toEqual([
      ['2026-01-01T00:00:30.000000000Z', '2026-01-07T22:39:59.999999999Z'],
      ['2026-01-07T22:40:00.000000000Z', '2026-01-14T21:19:59.999999999Z'],
      ['2026-01-14T21:20:00.000000000Z', '2026-01-15T00:00:00.000000000Z'],
    ]);
  });

  it.each([
    ['a shard did not answer', 200, countsAnswer([], { _shards: { ...wholeShards, successful: 1 } })],
    ['it timed out', 200, countsAnswer([], { timed_out: true })],
    ['a remote cluster was skipped', 200, countsAnswer([], { _clusters: { total: 2, successful: 1, skipped: 1 } })],
    ['there is no aggregation in it', 200, searchAnswer()],
    ['a bucket names no minute', 200, countsAnswer([{ key_as_string: '1767225600000', doc_count: 3 }])],
    ['the server has too many requests', 429, errorAnswer('es_rejected_execution_exception')],
    ['the server fails', 503, errorAnswer('search_phase_execution_exception')],
  ])('are not believed when %s', async (_, status, body) => {
    elasticsearch().post(countPath).reply(status, body);
    await expect(aSource().countPerMinute(aDay)).rejects.toThrow(RetryLater);
  });

  it.each([
    [
      'nothing matches the pattern any more',
      200,
      countsAnswer([], { _shards: { total: 0, successful: 0, failed: 0 } }),
    ],
    ['the index is gone', 404, errorAnswer('index_not_found_exception')],
    ['the privilege was taken away', 403, errorAnswer('security_exception')],
  ])('need an operator when %s: nothing is taken for removed', async (_, status, body) => {
    elasticsearch().post(countPath).reply(status, body);
    await expect(aSource().countPerMinute(aDay)).rejects.toThrow(OperatorMustFix);
  });
});

describe('a walk of ids', () => {
  it('leaves the content at the server, and is narrowed to the ids that are wanted', async () => {
    answersOpening();
    elasticsearch()
      .post(searchPath, (body) => {
        expect(body._source).toBe(false);
        expect(body.query.bool.filter.slice(1)).toEqual([{ ids: { values: ['a', 'b'] } }]);
        return true;
      })
      .reply(200, searchAnswer());
    const walk = await aSource().open({ ...january, content: 'ids', ids: ['a', 'b'] });
    await walk.page(undefined, 10);
    expect(nock.pendingMocks()).toEqual([]);
  });
});
