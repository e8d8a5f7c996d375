import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorSeal } from '../../shared/core/cursor-seal.ts';
import type { Hit } from '../../shared/core/event.ts';
import { eventKey } from '../../shared/core/event-key.ts';
import { beginningOfTime, endOfTime, type Instant } from '../../shared/core/instant.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { answerQuery } from '../../shared/flows/answer-query.ts';
import type { Source, WalkRequest } from '../../shared/ports/source.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';

const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });
const seal = cursorSeal(['root key']);
const at = (second: number) => `2026-05-05T10:00:${String(second).padStart(2, '0')}.000000000Z` as Instant;

interface Doc {
  readonly id: string;
  /** Seconds, the earliest first. */
  readonly times: readonly [number, ...number[]];
}

/** As Elasticsearch does: a range finds a document by any of its times, and it is sorted by the earliest. */
const sourceOf = (docs: readonly Doc[], searchable: boolean): Source => {
  const within = ({ range, order = 'asc' }: WalkRequest) => {
    const hits = docs
      .filter(({ times }) => times.some((time) => at(time) >= range.from && at(time) <= range.to))
      .map(
        ({ id, times }): Hit => ({
          _index: 'closer',
          _id: id,
          sort: [at(times[0])],
          _source: { '@timestamp': times.map(at) },
        }),
      );
    const all = { range: { from: beginningOfTime, to: endOfTime }, order };
    return memorySource({ id: 'closer', clock, hits }).open(all);
  };
  return {
    ...memorySource({ id: 'closer', clock }),
    open: within,
    ...(searchable && {
      first: async (request, limit) => {
        const page = await (await within(request)).page(undefined, limit);
        if (page.kind !== 'page') throw new Error(page.reason);
        return { hits: page.hits, extent: page.hits.length < limit ? 'all' : 'more' };
      },
    }),
  };
};

const documents = fc
  .array(fc.array(fc.nat(20), { minLength: 1, maxLength: 3 }), { maxLength: 40 })
  .map((all) =>
    all.map((times, n): Doc => ({ id: `d${n}`, times: times.toSorted((a, b) => a - b) as [number, ...number[]] })),
  );

describe('events with several times', () => {
  it('are answered once, at the earliest of them, and pages come to an end', () =>
    fc.assert(
      fc.asyncProperty(
        documents,
        fc.constantFrom('asc' as const, 'desc' as const),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.constantFrom<[number, number] | undefined>(undefined, [5, 15], [0, 3], [18, 20]),
        async (docs, sort, limit, searchable, range) => {
          const deps = { source: sourceOf(docs, searchable), read, clock, seal };
          const filter = range ? { from: at(range[0]), to: at(range[1]) } : {};
          const ids: string[] = [];
          let pages = 0;
          for (let cursor: string | undefined; ; ) {
            const question = { tenant: 'acme', filter, sort, limit };
            const answer = await answerQuery(deps, cursor === undefined ? question : { ...question, cursor });
            ids.push(...answer.events.map(({ event }) => event.id.slice('closer/'.length)));
            cursor = answer.next;
            if (cursor === undefined) break;
            pages += 1;
            expect(pages).toBeLessThanOrEqual(docs.length);
          }
          const place = ({ id, times }: Doc) => `${at(times[0])} ${eventKey('closer', id)}`;
          const wanted = docs
            .filter(({ times: [first] }) => !range || (first >= range[0] && first <= range[1]))
            .sort((a, b) => (place(a) < place(b) ? -1 : 1))
            .map(({ id }) => id);
          expect(ids).toEqual(sort === 'asc' ? wanted : wanted.reverse());
        },
      ),
      { numRuns: 400 },
    ));
});
