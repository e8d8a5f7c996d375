import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorSeal } from '../../shared/core/cursor-seal.ts';
import type { Hit } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { answerQuery, type QueryRequest } from '../../shared/flows/answer-query.ts';
import type { Source } from '../../shared/ports/source.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });
const seal = cursorSeal(['root key']);

const hitAt = (ms: number, id: number, action: string): Hit => ({
  _index: 'closer',
  _id: `e${id}`,
  _source: { '@timestamp': new Date(Date.UTC(2026, 0, 1) + ms).toISOString(), message: { 'event.action': action } },
});

/** A source that can search plainly as well, and what it was asked. */
const searched = (hits: readonly Hit[]) => {
  const held = memorySource({ id: 'closer', clock, hits });
  const asked = { limits: [] as number[], opened: 0 };
  const source: Source = {
    ...held,
    open: (request) => {
      asked.opened += 1;
      return held.open(request);
    },
    first: async (request, limit) => {
      asked.limits.push(limit);
      const walk = await held.open(request);
      const page = await walk.page(undefined, limit);
      await walk.close();
      if (page.kind !== 'page') return { hits: [], extent: 'more' };
      return { hits: page.hits, extent: page.hits.length < limit ? 'all' : 'more' };
    },
  };
  return { held, source, asked };
};

const everyPage = async (source: Source, question: Omit<QueryRequest, 'tenant'>): Promise<readonly string[]> => {
  const deps = { source, read: read, clock, seal };
  const ids: string[] = [];
  for (let cursor: string | undefined; ; ) {
    const { events, next } = await answerQuery(deps, { ...question, tenant: '*', ...(cursor && { cursor }) });
    ids.push(...events.map(({ event }) => event.id));
    if (next === undefined) return ids;
    expect(events).toHaveLength(question.limit);
    cursor = next;
  }
};

const every = (nth: number, count: number) =>
  Array.from({ length: count }, (_, n) => hitAt(n, n, n % nth === 0 ? 'agent_login' : 'agent_role_change'));
const logins = { action: ['agent_login'] };

describe('plain searches before a view', () => {
  it('one search answers a page that everything matches', async () => {
    const { source, asked } = searched(every(1, 300));
    const answer = await answerQuery(
      { source, read: read, clock, seal },
      { tenant: '*', filter: logins, sort: 'asc', limit: 100 },
    );
    expect(answer.events).toHaveLength(100);
    expect(asked).toEqual({ limits: [101], opened: 0 });
  });

  it('one search answers a page that holds all there is, and one more tells that nothing follows', async () => {
    const { source, asked } = searched(every(1, 100));
    const deps = { source, read: read, clock, seal };
    const question = { tenant: '*', filter: logins, sort: 'asc', limit: 100 } as const;
    const { next = '' } = await answerQuery(deps, question);
    expect(asked).toEqual({ limits: [101], opened: 0 });
    expect(await answerQuery(deps, { ...question, cursor: next })).toEqual({ events: [], texts: [] });
    expect(asked).toEqual({ limits: [101, 101], opened: 0 });
  });

  it('where one of five matches, the second search asks for as many as are needed', async () => {
    const { source, asked } = searched(every(5, 3_000));
    const answer = await answerQuery(
      { source, read: read, clock, seal },
      { tenant: '*', filter: logins, sort: 'asc', limit: 100 },
    );
    expect(answer.events.map(({ event }) => event.id)).toEqual(
      Array.from({ length: 100 }, (_, n) => `closer/e${5 * n}`),
    );
    expect(asked).toEqual({ limits: [101, 512], opened: 0 });
  });

  it('where nearly nothing matches, a view is walked after three searches', async () => {
    const { source, asked } = searched(every(2_900, 3_000));
    const answer = await answerQuery(
      { source, read: read, clock, seal },
      { tenant: '*', filter: logins, sort: 'asc', limit: 100 },
    );
    expect(answer.events.map(({ event }) => event.id)).toEqual(['closer/e0', 'closer/e2900']);
    expect(answer.next).toBeUndefined();
    expect(asked).toEqual({ limits: [101, 1_001, 1_001], opened: 1 });
  });

  it('answers are those of a walk, however events tie and match, in both directions', async () => {
    const history = fc.array(fc.tuple(fc.nat(30), fc.boolean()), { maxLength: 120 });
    await fc.assert(
      fc.asyncProperty(history, fc.integer({ min: 1, max: 9 }), fc.boolean(), async (times, limit, ascending) => {
        const hits = times.map(([ms, matches], n) => hitAt(ms, n, matches ? 'agent_login' : 'agent_role_change'));
        const { held, source } = searched(hits);
        const question = { filter: logins, sort: ascending ? ('asc' as const) : ('desc' as const), limit };
        expect(await everyPage(source, question)).toEqual(await everyPage(held, question));
      }),
      { numRuns: 200 },
    );
  });
});
