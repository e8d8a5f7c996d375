import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';
import { cursorSeal } from '../../../shared/core/cursor-seal.ts';
import type { Filter } from '../../../shared/core/filter.ts';
import { parseFilter } from '../../../shared/core/filter-parse.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../../shared/core/tenants.ts';
import { answerQuery, type QueryDeps } from '../../../shared/flows/answer-query.ts';
import { cursorBehind } from '../../../shared/flows/cursor-behind.ts';
import { eventAround } from '../../../shared/flows/events-around.ts';
import { findEvent } from '../../../shared/flows/find-event.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

const second = (n: number) => `2026-05-05T10:00:${String(n).padStart(2, '0')}Z`;

describeReal('times of documents in Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const depsOf = (index: string): QueryDeps => ({
    source: elasticsearchSource({
      id: index,
      url,
      index,
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock: systemClock,
    }),
    read: hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') }),
    clock: systemClock,
    seal: cursorSeal(['root key']),
  });
  /** The ids that the pages of a question bring, one page after the other. */
  const idsOf = async (
    index: string,
    question: { readonly sort: 'asc' | 'desc'; readonly limit?: number; readonly filter?: Filter },
  ): Promise<readonly string[]> => {
    const ids: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const request = { tenant: 'acme', filter: {}, limit: 2, ...question, ...(cursor !== undefined && { cursor }) };
      const { events, next } = await answerQuery(depsOf(index), request);
      ids.push(...events.map(({ event }) => event.id.slice(index.length + 1)));
      if (next === undefined) return ids;
      expect(ids.length, 'the pages end').toBeLessThan(50);
      cursor = next;
    }
  };

  describe.each(['date', 'date_nanos'])('an event with several times, in an index of %s', (type) => {
    const index = `times-several-${type.replace('_', '-')}-${process.pid}`;
    const documents: Readonly<Record<string, unknown>> = {
      both: [second(0), second(30)],
      'the later first': [second(31), second(2)],
      one: second(1),
      three: second(3),
      four: second(4),
      last: second(32),
    };
    beforeAll(async () => {
      await server.send('PUT', `/${index}`, { mappings: { properties: { '@timestamp': { type } } } });
      await server.index(
        Object.entries(documents).map(([id, time]) => ({ index, id, source: { '@timestamp': time } })),
      );
    });
    afterAll(() => server.send('DELETE', `/${index}`));

    it('is answered once, at the earliest of them, in both orders', async () => {
      const right = ['both', 'one', 'the later first', 'three', 'four', 'last'];
      expect(await idsOf(index, { sort: 'asc' })).toEqual(right);
      expect(await idsOf(index, { sort: 'desc' })).toEqual(right.toReversed());
    });

    it('is found by a range that contains the earliest, and by no other', async () => {
      for (const sort of ['asc', 'desc'] as const) {
        const filter = parseFilter({ from: second(20), to: second(40) });
        expect(await idsOf(index, { sort, filter })).toEqual(['last']);
      }
      const filter = parseFilter({ from: second(0), to: second(2) });
      expect(await idsOf(index, { sort: 'asc', filter })).toEqual(['both', 'one', 'the later first']);
    });
  });
  describe.each<[string, string, readonly string[]]>([
    [
      'finer than the index keeps them',
      'date',
      Array.from({ length: 6 }, (_, n) => `2026-05-05T10:00:00.529${100 + n}Z`),
    ],
    ['in a format that only the server reads', 'odd', [1, 2, 3, 4].map((n) => `05/05/2026 10:00:0${n}`)],
  ])('times that are %s', (_, kind, times) => {
    const index = `times-${kind}-${process.pid}`;
    const format = kind === 'odd' ? { format: 'dd/MM/yyyy HH:mm:ss' } : {};
    beforeAll(async () => {
      await server.send('PUT', `/${index}`, {
        mappings: { properties: { '@timestamp': { type: 'date', ...format } } },
      });
      await server.index(times.map((time, n) => ({ index, id: `d${n}`, source: { '@timestamp': time } })));
    });
    afterAll(() => server.send('DELETE', `/${index}`));

    it.each(['asc', 'desc'] as const)('go on behind any event, and around it, sorted %s', async (sort) => {
      const deps = depsOf(index);
      const all = await idsOf(index, { sort });
      expect(all).toHaveLength(times.length);
      for (const [n, one] of all.entries()) {
        const id = `${index}/${one}`;
        const behind = await cursorBehind(deps, { tenant: 'acme', filter: {}, sort, asOfMs: 0 }, id);
        if (behind.kind !== 'behind') throw new Error(behind.kind);
        const { cursor } = behind;
        const rest = await answerQuery(deps, { tenant: 'acme', filter: {}, sort, limit: 100, cursor });
        expect(rest.events.map(({ event }) => event.id)).toEqual(all.slice(n + 1).map((each) => `${index}/${each}`));
        const around = await eventAround(deps, { tenant: 'acme', id, count: 50 });
        const neighbours = [...(around?.before ?? []), ...(around ? [around.event] : []), ...(around?.after ?? [])];
        const inOrder = sort === 'asc' ? all : all.toReversed();
        expect(neighbours.map(({ event }) => event.id)).toEqual(inOrder.map((each) => `${index}/${each}`));
      }
    });

    it('are shown of one event as in a list', async () => {
      const deps = depsOf(index);
      const { events } = await answerQuery(deps, { tenant: 'acme', filter: {}, sort: 'asc', limit: 100 });
      for (const event of events) {
        const found = await findEvent(deps, { tenant: 'acme', id: event.event.id });
        expect(found?.['@timestamp']).toBe(event['@timestamp']);
        expect(found?.['@timestamp']).toMatch(/^2026-05-05T10:00:0/);
      }
    });
  });
});
