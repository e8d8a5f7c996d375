import { expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import type { Hit } from '../../../shared/core/event.ts';
import { describeQuery } from '../../contracts/query-contract.ts';
import { edgeHits, sampleHits } from '../../support/sample-hits.ts';
import { describeReal } from '../support/server-url.ts';
import { type Server, serverAt } from './server.ts';

/** How an index may be mapped: by Elasticsearch itself, or by somebody who wants exact texts only. */
const mappings = {
  dynamic: { properties: { '@timestamp': { type: 'date' } } },
  keyword: {
    properties: { '@timestamp': { type: 'date' } },
    dynamic_templates: ['string', 'long', 'double', 'boolean'].map((type) => ({
      [type]: { match_mapping_type: type, mapping: { type: 'keyword', ignore_above: 8_191 } },
    })),
  },
};

/**
 * Puts each hit into the first of a few indices whose mapping its shape does not contradict.
 * @returns the hits as they lie there; a time that Elasticsearch cannot read is refused everywhere
 */
const indexAll = async (server: Server, hits: readonly Hit[], indices: readonly string[]): Promise<readonly Hit[]> => {
  const accepted: Hit[] = [];
  for (const hit of hits) {
    for (const index of hit._source === undefined ? [] : indices) {
      const refused = await server.index([{ index, id: hit._id, source: hit._source }]).catch((error: Error) => error);
      if (!(refused instanceof Error)) {
        accepted.push({ ...hit, _index: index });
        break;
      }
      expect(refused.message).toContain('"status":400');
    }
  }
  return accepted;
};

describeReal('queries to Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const clock = { nowMs: Date.now, sleep: async () => {} };
  const sourceOf = (index: string) =>
    elasticsearchSource({
      id: index,
      url,
      index,
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock,
    });

  for (const [name, mapping] of Object.entries(mappings)) {
    const prefix = `query-${name}-${process.pid}`;
    describeQuery(`Elasticsearch with a ${name} mapping`, async () => {
      await server.send('PUT', `/_template/${prefix}`, {
        index_patterns: [`${prefix}-*`],
        mappings: mapping,
        settings: { number_of_shards: 1, number_of_replicas: 0 },
      });
      const samples = sampleHits().map((hit) => ({ ...hit, _index: `${prefix}-samples` }));
      await server.index(samples.map(({ _index, _id, _source }) => ({ index: _index, id: _id, source: _source })));
      const edges = await indexAll(
        server,
        edgeHits(),
        [1, 2, 3, 4].map((n) => `${prefix}-edge-${n}`),
      );
      expect(edges.length).toBeGreaterThan(45);
      return {
        source: sourceOf(`${prefix}-*`),
        hits: [...samples, ...edges],
        stop: async () => {
          for (const one of new Set([...samples, ...edges].map(({ _index }) => _index)))
            await server.send('DELETE', `/${one}`);
          await server.send('DELETE', `/_template/${prefix}`);
        },
      };
    });
  }

  it('the hint leaves most of what is not asked for on the server', async () => {
    const index = `query-hint-${process.pid}`;
    await server.index(sampleHits().map(({ _id, _source }) => ({ index, id: _id, source: _source })));
    const range = { from: '1970-01-01T00:00:00.000000000Z', to: '2262-01-01T00:00:00.000000000Z' } as never;
    const counted = async (where: object): Promise<number> => {
      const walk = await sourceOf(index).open({ range, where });
      await walk.close();
      return walk.count;
    };
    expect(await counted({})).toBe(150);
    expect(await counted({ action: ['agent_login'] })).toBeLessThan(20);
    expect(await counted({ outcome: ['failure'] })).toBeLessThan(30);
    expect(await counted({ status: ['4xx'] })).toBeLessThan(30);
    expect(await counted({ method: ['DELETE'] })).toBeLessThan(50);
    expect(await counted({ user: ['319dd049-16d9-44cb-9811-70de4465131c'] })).toBeLessThan(60);
    await server.send('DELETE', `/${index}`);
  });

  it('values that are no words, and numbers longer than they can be shown, are found', async () => {
    const index = `query-values-${process.pid}`;
    const keyword = { properties: { id: { type: 'keyword' } } };
    await server.send('PUT', `/${index}`, { mappings: { properties: { message: { properties: { user: keyword } } } } });
    const users = ['"--"', '"???"', '"*"', '12345678901234567890'];
    for (const [n, user] of users.entries())
      await server.send(
        'PUT',
        `/${index}/_doc/${n}?refresh=true`,
        `{"@timestamp":"2026-05-05T10:00:00Z","message":{"event":{"action":${user.startsWith('"') ? user : '"a"'}},"user":{"id":${user}}}}`,
      );
    const range = { from: '1970-01-01T00:00:00.000000000Z', to: '2262-01-01T00:00:00.000000000Z' } as never;
    const found = async (where: object): Promise<readonly string[]> => {
      const answer = await sourceOf(index).first?.({ range, where }, 10);
      return answer?.hits.map(({ _id }) => String(_id)) ?? [];
    };
    for (const value of ['--', '???', '*']) {
      const n = String(users.indexOf(JSON.stringify(value)));
      expect(await found({ action: [value] })).toContain(n);
      expect(await found({ user: [value] })).toContain(n);
    }
    expect(await found({ user: ['12345678901234567000'] })).toContain('3');
    await server.send('DELETE', `/${index}`);
  });

  it('an event of a data stream’s backing index is found by the name of the stream', async () => {
    const backing = `.ds-query-${process.pid}-2026.05.05-000001`;
    await server.index([{ index: backing, id: 'a/b', source: { '@timestamp': '2026-05-05T10:00:00Z' } }]);
    const source = sourceOf(`.ds-query-${process.pid}-*`);
    expect(await source.find(`query-${process.pid}/a/b`)).toMatchObject({ _index: backing, _id: 'a/b' });
    expect(await source.find(`${backing}/a/b`)).toBeUndefined();
    expect(await source.find(`query-other/a/b`)).toBeUndefined();
    await server.send('DELETE', `/${backing}`);
  });
});
