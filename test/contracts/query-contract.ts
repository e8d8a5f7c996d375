import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cursorSeal } from '../../shared/core/cursor-seal.ts';
import { type EcsEvent, everyTenant, type Hit, type ReadEvent } from '../../shared/core/event.ts';
import { matcher } from '../../shared/core/filter-match.ts';
import { parseFilter, type WrittenFilter } from '../../shared/core/filter-parse.ts';
import { beginningOfTime, endOfTime, toInstant } from '../../shared/core/instant.ts';
import { answerQuery, type QueryDeps } from '../../shared/flows/answer-query.ts';
import { findEvent, findRead } from '../../shared/flows/find-event.ts';
import type { Source } from '../../shared/ports/source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { expectNoCanary } from '../support/canaries.ts';
import { randomQuestion } from '../support/random-question.ts';
import { readSample, sampleDirectory, sampleRows } from '../support/sample-hits.ts';

export interface QueryUnderTest {
  readonly source: Source;
  /** What the source holds: the 150 samples, and as many of the awkward ones as it can. */
  readonly hits: readonly Hit[];
  stop?(): Promise<void>;
}

const user = '319dd049-16d9-44cb-9811-70de4465131c';

/** The same questions to every source. */
const questions: readonly WrittenFilter[] = [
  {},
  { outcome: 'failure' },
  { outcome: 'success,unknown' },
  { status: '4xx,500' },
  { user },
  { user: 'Ada.Nowak@Aurora.example.com' },
  { role: 'admin' },
  { method: 'delete' },
  { ip: '203.0.113.0/24' },
  { ip: '2001:db8::/32,198.51.100.9' },
  { url: '/api/users/*/skills' },
  { category: 'authentication' },
  { type: 'creation', kind: 'event' },
  { kind: 'pipeline_error' },
  { action: 'agent_login,agent_role_change', outcome: 'failure', method: 'POST' },
  { from: '2021-05-06T10:00:00.000Z', to: '2021-05-06T10:00:00.000Z' },
  { from: '2021-05-06', to: '2021-05-06' },
  { from: '2021-05-06T10:00:00.123456789Z', to: '2021-05-06T10:00:00.250Z' },
  { to: '2020-12-31' },
  { q: 'event.action: agent_role_change and not user.roles: ADMIN' },
  { q: 'source.ip: 10.0.0.0/8 or source.ip: "2001:db8::/32"' },
  { q: 'http.response.status_code >= 400', outcome: 'failure' },
  { q: 'url.full: "*oauth*" or not url.full: *' },
  { q: 'user.email: (ada.nowak@aurora.example.com or "*baltic*") and @timestamp >= 2021-05-06' },
  { q: '@timestamp > 2021-05-06 and @timestamp < 2021-05-01' },
];

const readAt = '2026-05-05T12:00:00.000Z';

/** The promises of a query, for whatever source the events come from. What is right is worked out from the hits alone. */
export const describeQuery = (name: string, make: () => Promise<QueryUnderTest>): void => {
  describe(`a query to ${name}`, () => {
    let subject: QueryUnderTest | undefined;
    let held: readonly ReadEvent[];
    let deps: QueryDeps;
    beforeAll(async () => {
      const made = await make();
      subject = made;
      held = made.hits.map((hit) => readSample(hit, readAt));
      const clock = recordingClock({ startMs: Date.parse(readAt) });
      const evidenceOf = async (tenant: string) => sampleDirectory.tenants.find(({ id }) => id === tenant);
      deps = { source: made.source, read: readSample, evidenceOf, clock, seal: cursorSeal(['the root key']) };
    });
    afterAll(() => subject?.stop?.());

    const ask = async (question: {
      readonly tenant: string;
      readonly written: WrittenFilter;
      readonly sort?: 'asc' | 'desc';
      readonly limit?: number;
    }): Promise<readonly EcsEvent[]> => {
      const { tenant, written, sort = 'asc', limit = 1_000 } = question;
      const request = { tenant, filter: parseFilter(written), sort, limit };
      const events: EcsEvent[] = [];
      for (let cursor: string | undefined; ; ) {
        const answer = await answerQuery(deps, cursor === undefined ? request : { ...request, cursor });
        events.push(...answer.events);
        if (answer.next === undefined) return events;
        expect(answer.events.length).toBe(limit);
        cursor = answer.next;
      }
    };
    const rightAnswer = (tenant: string, written: WrittenFilter, sort: 'asc' | 'desc' = 'asc'): readonly string[] => {
      const accepts = matcher(parseFilter(written));
      const place = ({ time, key }: ReadEvent) => `${time} ${key}`;
      const right = held
        .filter((one) => one.time !== undefined && (tenant === everyTenant || one.tenant === tenant))
        .filter(({ event, time }) => accepts(event, time))
        .sort((a, b) => (place(a) < place(b) ? -1 : 1));
      return (sort === 'asc' ? right : right.reverse()).map(({ event }) => event.event.id);
    };
    const ids = (events: readonly EcsEvent[]) => events.map(({ event }) => event.id);

    it.each(questions)(
      'answers %j with the right events in the right order, for an operator and for a tenant',
      async (written) => {
        for (const tenant of [everyTenant, 'aurora'])
          expect(ids(await ask({ tenant, written }))).toEqual(rightAnswer(tenant, written));
      },
    );

    it('answers any question in text as the predicate over the events does', async () => {
      const question = randomQuestion(held.map(({ event }) => event));
      await fc.assert(
        fc.asyncProperty(question, async (q) => {
          expect(ids(await ask({ tenant: everyTenant, written: { q } })), q).toEqual(rightAnswer(everyTenant, { q }));
        }),
        { numRuns: 100 },
      );
    });

    it('gives the same events page by page, whatever the size of the page, in both directions', async () => {
      for (const sort of ['asc', 'desc'] as const)
        for (const limit of [7, 60])
          expect(ids(await ask({ tenant: everyTenant, written: {}, sort, limit }))).toEqual(
            rightAnswer(everyTenant, {}, sort),
          );
    });

    it('finds as many events of every action as the samples’ manifest counts', async () => {
      const rows = Object.values(sampleRows());
      const actions = [...new Set(rows.map(({ action }) => action))];
      expect(actions).toHaveLength(58);
      const samples = new Set(Object.keys(sampleRows()));
      for (const action of actions) {
        const found = await ask({ tenant: everyTenant, written: { action } });
        const ofSamples = found.filter(({ event }) => samples.has(event.id.slice(event.id.indexOf('/') + 1)));
        expect(ofSamples.length, action).toBe(rows.filter((row) => row.action === action).length);
      }
    });

    it('never shows a tenant an event of another', async () => {
      const seen = new Map<string, string>();
      for (const tenant of ['aurora', 'baltic', 'cobalt']) {
        const own = ids(await ask({ tenant, written: {} }));
        expect(own).toEqual(rightAnswer(tenant, {}));
        expect(own.length).toBeGreaterThan(10);
        for (const id of own) {
          expect(seen.get(id)).toBeUndefined();
          seen.set(id, tenant);
        }
      }
      expect(await ask({ tenant: 'unknown', written: {} })).toEqual([]);
    });

    it('finds every event by its id, those without a readable time too, and only for its own tenant', async () => {
      for (const { event, tenant } of held) {
        const { id } = event.event;
        const found = await findEvent(deps, { tenant: everyTenant, id });
        expect(found?.event.id).toBe(id);
        expect(await findEvent(deps, { tenant, id })).toEqual(found);
        expect(await findEvent(deps, { tenant: tenant === 'baltic' ? 'aurora' : 'baltic', id })).toBeUndefined();
      }
      for (const id of [
        'closer/none',
        'none/s3baO3kBZbVQk2pxTK-w',
        '*/s3baO3kBZbVQk2pxTK-w',
        '/',
        '',
        'closer',
        `closer/${'x'.repeat(600)}`,
      ])
        expect(await findEvent(deps, { tenant: everyTenant, id })).toBeUndefined();
    });

    it('finds an event with the time that it has in a walk, and with none when no walk brings it', async () => {
      const { source } = deps;
      const walk = await source.open({ range: { from: beginningOfTime, to: endOfTime } });
      const page = await walk.page(undefined, 1_000);
      await walk.close();
      if (page.kind !== 'page') throw new Error(page.reason);
      const timeOf = ({ sort }: Hit) => (sort === undefined ? undefined : toInstant(String(sort[0])));
      const times = new Map(page.hits.map((hit) => [readSample(hit, readAt).event.event.id, timeOf(hit)]));
      for (const { event } of held) {
        const { id } = event.event;
        const found = await source.find(id);
        expect(found && timeOf(found), id).toBe(times.get(id));
        expect((await findRead(deps, { tenant: everyTenant, id }))?.time, id).toBe(times.get(id));
      }
      expect(times.size).toBeLessThan(held.length);
    });

    it('shows no secret of the log, whether it is asked for lists or for one event', async () => {
      expectNoCanary(JSON.stringify(await ask({ tenant: everyTenant, written: {} })));
      for (const { event } of held)
        expectNoCanary(JSON.stringify(await findEvent(deps, { tenant: everyTenant, id: event.event.id })));
    });
  });
};
