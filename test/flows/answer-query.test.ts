import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorSeal } from '../../shared/core/cursor-seal.ts';
import { BadRequest, OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import type { EcsEvent, Hit, ReadEvent } from '../../shared/core/event.ts';
import { eventKey } from '../../shared/core/event-key.ts';
import { type Instant, toInstant } from '../../shared/core/instant.ts';
import { answerQuery, type QueryAnswer, type QueryDeps, type QueryRequest } from '../../shared/flows/answer-query.ts';
import type { Source, Walk } from '../../shared/ports/source.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

interface Doc {
  readonly id: string;
  readonly time: string;
  readonly tenant?: string;
  readonly action?: string;
}

const hitOf = ({ id, time, tenant = 'acme', action = 'agent_login' }: Doc): Hit => ({
  _index: 'closer',
  _id: id,
  _source: { '@timestamp': time, tenant, action },
});

const read = (hit: Hit, readAt: string): ReadEvent => {
  const { '@timestamp': time, tenant, action } = hit._source as Record<string, string>;
  const event: EcsEvent = {
    '@timestamp': `${time?.slice(0, 23)}Z`,
    ecs: { version: '9.4.0' },
    event: {
      kind: 'event',
      action: action ?? '',
      id: `${hit._index}/${hit._id}`,
      module: 'closer',
      dataset: 'closer.security',
      provider: 'closer',
      created: readAt,
    },
    observer: { vendor: 'Closer', product: 'Closer' },
  };
  const instant = typeof hit.sort?.[0] === 'string' ? toInstant(hit.sort[0]) : undefined;
  return { key: eventKey(hit._index, hit._id), time: instant, tenant: tenant ?? '', event, redactions: 0 };
};

const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
const seal = cursorSeal(['root key']);
const world = (docs: readonly Doc[], limits?: QueryDeps['limits']) => {
  const source = memorySource({ id: 'closer', clock, hits: docs.map(hitOf) });
  const deps: QueryDeps = { source, read, clock, seal, ...(limits ? { limits } : {}) };
  return { source, deps };
};
const idOf = (event: EcsEvent) => event.event.id.slice('closer/'.length);

/** Every page of a question, one after the other. */
const pagesOf = async (
  deps: QueryDeps,
  question: Partial<QueryRequest>,
  eachTime: () => Partial<QueryRequest> = () => ({}),
): Promise<readonly (readonly string[])[]> => {
  const pages: (readonly string[])[] = [];
  let cursor: string | undefined;
  do {
    const request = { tenant: 'acme', filter: {}, sort: 'asc', limit: 100, ...question, ...eachTime() } as const;
    const answer = await answerQuery(deps, cursor === undefined ? request : { ...request, cursor });
    pages.push(answer.events.map(idOf));
    cursor = answer.next;
    if (pages.length > 1_000) throw new Error('the pages do not end');
  } while (cursor !== undefined);
  return pages;
};

const inOrder = (docs: readonly Doc[], sort: 'asc' | 'desc'): readonly string[] => {
  const sign = sort === 'asc' ? 1 : -1;
  const place = ({ time, id }: Doc) => `${toInstant(time)} ${eventKey('closer', id)}`;
  return [...docs].sort((a, b) => (place(a) < place(b) ? -sign : sign)).map(({ id }) => id);
};

/** Documents crowded into a few instants, of two tenants. */
const crowded = fc
  .array(
    fc.record({
      time: fc
        .constantFrom('000', '001', '001000001', '001000002', '999')
        .map((fraction) => `2026-05-05T10:00:00.${fraction}Z`),
      tenant: fc.constantFrom('acme', 'other'),
      action: fc.constantFrom('agent_login', 'agent_logout'),
    }),
    { maxLength: 60 },
  )
  .map((docs) => docs.map((doc, index) => ({ ...doc, id: `d${index}` })));

describe('an answer to a query', () => {
  it('pages over crowded instants without skipping or repeating an event, whatever the limits and whatever breaks', () =>
    fc.assert(
      fc.asyncProperty(
        crowded,
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.infiniteStream(fc.integer({ min: 1, max: 25 })),
        fc.infiniteStream(fc.constantFrom('lost', 'too large', 'count', undefined, undefined, undefined)),
        async (docs, sort, limits, faults) => {
          const { source, deps } = world(docs);
          const pages = await pagesOf(deps, { sort, filter: { action: ['agent_login'] } }, () => {
            const fault = faults.next().value;
            if (fault === 'count') source.failNext({ at: 'open', countedTooMany: 1 });
            else if (fault) source.failNext({ at: 'page', answer: fault });
            return { limit: limits.next().value };
          });
          const wanted = docs.filter(({ tenant, action }) => tenant === 'acme' && action === 'agent_login');
          expect(pages.flat()).toEqual(inOrder(wanted, sort));
          expect(source.openWalks()).toBe(0);
        },
      ),
    ));

  it('never shows a tenant an event of another, and shows an operator all of them', () =>
    fc.assert(
      fc.asyncProperty(crowded, fc.integer({ min: 1, max: 25 }), async (docs, limit) => {
        const { deps } = world(docs);
        const [acme, other, all] = await Promise.all(
          ['acme', 'other', '*'].map(async (tenant) => (await pagesOf(deps, { tenant, limit })).flat()),
        );
        const of = (tenant: string) =>
          inOrder(
            docs.filter((doc) => doc.tenant === tenant),
            'asc',
          );
        expect(acme).toEqual(of('acme'));
        expect(other).toEqual(of('other'));
        expect(all).toEqual(inOrder(docs, 'asc'));
      }),
    ));

  it('tells a tenant nothing of events of others: every page and every cursor is what it would be without them', () =>
    fc.assert(
      fc.asyncProperty(
        crowded,
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1_000, 3_000, 1_000_000),
        async (docs, sort, limit, maxBytes) => {
          const answersOver = async (held: readonly Doc[]) => {
            const { deps } = world(held, { maxBytes });
            const answers: QueryAnswer[] = [];
            for (let cursor: string | undefined; ; ) {
              const question = { tenant: 'acme', filter: { action: ['agent_login'] }, sort, limit, asOfMs: 0 };
              const answer = await answerQuery(deps, cursor === undefined ? question : { ...question, cursor });
              answers.push(answer);
              cursor = answer.next;
              if (cursor === undefined) return answers;
            }
          };
          const own = docs.filter(({ tenant, action }) => tenant === 'acme' && action === 'agent_login');
          expect(await answersOver(docs)).toEqual(await answersOver(own));
        },
      ),
    ));

  it('ends with a page that is not full, which may be empty', async () => {
    const docs = [1, 2, 3, 4].map((n) => ({ id: `d${n}`, time: `2026-05-05T10:00:0${n}Z` }));
    const { deps } = world(docs);
    expect(await pagesOf(deps, { limit: 3 })).toEqual([['d1', 'd2', 'd3'], ['d4']]);
    expect(await pagesOf(deps, { limit: 2 })).toEqual([['d1', 'd2'], ['d3', 'd4'], []]);
    expect(await pagesOf(world([]).deps, {})).toEqual([[]]);
  });

  it('keeps to the time range, both ends of it', async () => {
    const docs = [1, 2, 3, 4].map((n) => ({ id: `d${n}`, time: `2026-05-05T10:00:0${n}Z` }));
    const filter = {
      from: '2026-05-05T10:00:02.000000000Z' as Instant,
      to: '2026-05-05T10:00:03.000000000Z' as Instant,
    };
    for (const sort of ['asc', 'desc'] as const)
      expect((await pagesOf(world(docs).deps, { filter, sort, limit: 1 })).flat()).toEqual(
        inOrder(docs.slice(1, 3), sort),
      );
  });

  it('takes no event twice that the source holds twice under one name and time', async () => {
    const doc = { id: 'd1', time: '2026-05-05T10:00:00Z' };
    expect(await pagesOf(world([doc, doc, { ...doc, id: 'd2' }]).deps, { limit: 1 })).toHaveLength(3);
  });

  it('goes on where it was although events arrive and leave around it', async () => {
    const docs = [1, 2, 3, 4, 5].map((n) => ({ id: `d${n}`, time: `2026-05-05T10:00:0${n}Z` }));
    const { source, deps } = world(docs);
    const first = await answerQuery(deps, { tenant: 'acme', filter: {}, sort: 'asc', limit: 2 });
    source.add(hitOf({ id: 'early', time: '2026-05-05T10:00:00Z' }));
    source.add(hitOf({ id: 'late', time: '2026-05-05T10:00:09Z' }));
    source.remove('closer', 'd2');
    const rest = await answerQuery(deps, {
      tenant: 'acme',
      filter: {},
      sort: 'asc',
      limit: 9,
      cursor: first.next ?? '',
    });
    expect(rest.events.map(idOf)).toEqual(['d3', 'd4', 'd5', 'late']);
  });

  it('gives what it found when its time is up, and goes on from there', async () => {
    const docs = Array.from({ length: 50 }, (_, n) => ({
      id: `d${n}`,
      time: `2026-05-05T10:00:${String(n).padStart(2, '0')}Z`,
    }));
    const { deps } = world(docs, { budgetMs: 0 });
    const pages = await pagesOf(deps, { limit: 3, filter: { action: ['agent_logout'] } });
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual([]);
    const found = await pagesOf(deps, { limit: 20 });
    expect(found.flat()).toEqual(docs.map(({ id }) => id));
  });

  it('says so when one instant alone takes longer than a request may', async () => {
    const docs = Array.from({ length: 50 }, (_, n) => ({ id: `d${n}`, time: '2026-05-05T10:00:00Z' }));
    const { deps, source } = world(docs, { budgetMs: 0, deadlineMs: 0 });
    await expect(answerQuery(deps, { tenant: 'acme', filter: {}, sort: 'asc', limit: 3 })).rejects.toThrow(
      'Narrow the question',
    );
    expect(source.openWalks()).toBe(0);
  });

  it('keeps an answer under its size and still gives every event, one larger than that included', async () => {
    const action = (n: number) => (n === 7 ? 'x'.repeat(9_000) : `action_${n}`);
    const docs = Array.from({ length: 20 }, (_, n) => ({
      id: `d${n}`,
      time: `2026-05-05T10:00:0${n >> 3}Z`,
      action: action(n),
    }));
    const { deps } = world(docs, { maxBytes: 1_500 });
    const pages = await pagesOf(deps, {});
    expect(pages.flat()).toEqual(inOrder(docs, 'asc'));
    expect(Math.max(...pages.map((ids) => ids.length))).toBeLessThan(6);
  });

  it('finds the first events of an instant that is larger than any page', async () => {
    const total = 20_000;
    const { deps } = world([]);
    const walk: Walk = {
      openedAtMs: 0,
      count: total,
      countBefore: async () => 0,
      close: async () => {},
      page: async (after, limit) => {
        const start = Number(after?.[0] ?? 0);
        const hits = Array.from({ length: Math.min(limit, total - start) }, (_, n) => ({
          ...hitOf({ id: `d${start + n}`, time: '2026-05-05T10:00:00Z' }),
          sort: ['2026-05-05T10:00:00Z'],
        }));
        const end = start + hits.length;
        return { kind: 'page', hits, next: end < total ? [end] : undefined, bytes: hits.length * 100 };
      },
    };
    const source: Source = { ...deps.source, open: async () => walk };
    const answer = await answerQuery({ ...deps, source }, { tenant: 'acme', filter: {}, sort: 'asc', limit: 10 });
    const keys = Array.from({ length: total }, (_, n) => eventKey('closer', `d${n}`)).sort();
    expect(answer.events.map((event) => eventKey('closer', idOf(event)))).toEqual(keys.slice(0, 10));
    expect(answer.next).toBeDefined();
  });

  it('refuses a cursor of another tenant, another filter or another order', async () => {
    const docs = [1, 2, 3].map((n) => ({ id: `d${n}`, time: `2026-05-05T10:00:0${n}Z` }));
    const { deps } = world(docs);
    const question = { tenant: 'acme', filter: {}, sort: 'asc', limit: 1 } as const;
    const cursor = (await answerQuery(deps, question)).next ?? '';
    for (const changed of [
      { tenant: 'other' },
      { tenant: '*' },
      { filter: { action: ['agent_login'] } },
      { sort: 'desc' as const },
    ])
      await expect(answerQuery(deps, { ...question, ...changed, cursor })).rejects.toMatchObject({ field: 'cursor' });
    await expect(answerQuery(deps, { ...question, limit: 2, cursor })).resolves.toMatchObject({ events: [{}, {}] });
    await expect(answerQuery(deps, { ...question, cursor: 'made-up' })).rejects.toBeInstanceOf(BadRequest);
  });

  it('asks without the hint when the source refuses to search with it', async () => {
    const { deps, source } = world([{ id: 'd1', time: '2026-05-05T10:00:00Z' }]);
    source.failNext({ at: 'open', error: new OperatorMustFix('wildcard queries are not allowed here') });
    const question = { tenant: 'acme', filter: { action: ['agent_login'] }, sort: 'asc', limit: 1 } as const;
    expect((await answerQuery(deps, question)).events.map(idOf)).toEqual(['d1']);
    for (let time = 0; time < 2; time++) source.failNext({ at: 'open', error: new OperatorMustFix('no permission') });
    await expect(answerQuery(deps, question)).rejects.toThrow('no permission');
  });

  it('gives up after losing the view again and again, and says what the source says is wrong', async () => {
    const { deps, source } = world([{ id: 'd1', time: '2026-05-05T10:00:00Z' }]);
    const loseAll = () => {
      for (let time = 0; time < 4; time++) source.failNext({ at: 'page', answer: 'lost' });
    };
    const question = { tenant: 'acme', filter: {}, sort: 'asc', limit: 1 } as const;
    loseAll();
    await expect(answerQuery(deps, question)).rejects.toBeInstanceOf(RetryLater);
    loseAll();
    source.failNext({ at: 'preflight', error: new Error('the pattern matches nothing') });
    await expect(answerQuery(deps, question)).rejects.toThrow('the pattern matches nothing');
  });
});
