import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import {
  aHit,
  answersOpening,
  aSource,
  elasticsearch,
  errorAnswer,
  january,
  searchAnswer,
  searchPath,
  viewPath,
  wholeShards,
} from '../support/elasticsearch-on-the-wire.ts';

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

  it.each([
    ['searches no shard', 200, shards({ total: 0, successful: 0 })],
    ['says that an index of it was deleted', 404, errorAnswer('index_not_found_exception')],
  ])(
    'are left to the next run, and to no operator, when the view is lost before it is counted and the server %s',
    async (_, status, body) => {
      elasticsearch().post(viewPath).reply(200, { id: 'view-1', _shards: wholeShards });
      elasticsearch().post(searchPath).reply(status, body);
      elasticsearch().delete('/_pit').reply(404, { succeeded: false });
      await expect(aSource().open(january)).rejects.toThrow(RetryLater);
    },
  );

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
