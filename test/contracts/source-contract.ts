import { describe, expect, it } from 'vitest';
import type { Hit } from '../../shared/core/event.ts';
import { toInstant } from '../../shared/core/instant.ts';
import type { PageCursor, Source } from '../../shared/ports/source.ts';
import { countPromises } from './source-counts.ts';
import {
  allTime,
  at,
  between,
  idsOf,
  pageOf,
  pages,
  type SourceDocument,
  sameInstant,
  seconds,
  shuffled,
  walked,
} from './source-documents.ts';

export interface SourceUnderTest {
  readonly source: Source;
  stop?(): Promise<void>;
}

/**
 * The promises of the `Source` port, for whatever implements it.
 * @param make a source that holds exactly these documents, with `@timestamp` as its time field
 */
export const describeSource = (
  name: string,
  make: (documents: readonly SourceDocument[]) => Promise<SourceUnderTest>,
): void => {
  describe(`${name}, as a source`, () => promises(make));
};

const promises = (make: (documents: readonly SourceDocument[]) => Promise<SourceUnderTest>): void => {
  const holding = async (
    documents: readonly SourceDocument[],
    promise: (source: Source) => Promise<void>,
  ): Promise<void> => {
    const { source, stop } = await make(documents);
    try {
      await promise(source);
    } finally {
      await stop?.();
    }
  };

  it('names what it is and what it reads in preflight', () =>
    holding(seconds(2), async (source) => {
      const facts = await source.preflight();
      expect(facts.description).not.toBe('');
      expect(facts.indices.length).toBeGreaterThan(0);
    }));

  it('walks every event once, oldest first, whatever the page size', () =>
    holding(shuffled(seconds(23)), async (source) => {
      for (const limit of [1, 7, 22, 23, 24, 1000]) {
        expect(idsOf(await walked(source, allTime, limit))).toEqual(seconds(23).map(({ id }) => id));
      }
    }));

  it('walks newest first when asked', () =>
    holding(shuffled(seconds(23)), async (source) => {
      const hits = await walked(source, { ...allTime, order: 'desc' }, 5);
      expect(idsOf(hits)).toEqual(
        seconds(23)
          .map(({ id }) => id)
          .reverse(),
      );
    }));

  it('counts what it then walks', () =>
    holding([...seconds(23), { id: 'timeless', time: undefined }], async (source) => {
      const range = between('2026-01-01T00:00:05.000Z', '2026-01-01T00:00:14.000Z');
      const walk = await source.open({ range });
      expect(walk.count).toBe(10);
      expect(await pages(walk, 3)).toHaveLength(10);
      await walk.close();
    }));

  it('counts what lies before an instant, to the nanosecond', () =>
    holding(
      [
        { id: '1', time: '2026-01-01T00:00:00.999Z' },
        { id: '2', time: '2026-01-01T00:00:01.000Z' },
        { id: '3', time: '2026-01-01T00:00:01.000000001Z', precision: 'nanos' },
        { id: '4', time: '2026-01-01T00:00:01.000000002Z', precision: 'nanos' },
        { id: '5', time: '2026-01-01T00:00:01.001Z' },
      ],
      async (source) => {
        const walk = await source.open({ range: between('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z') });
        const counts: number[] = [];
        for (const fraction of ['000', '000000001', '000000002', '000000003', '001', '002'])
          counts.push(await walk.countBefore(at(`2026-01-01T00:00:01.${fraction}Z`)));
        expect(counts).toEqual([0, 1, 2, 3, 3, 4]);
        await walk.close();
      },
    ));

  it('includes both ends of the range', () =>
    holding(seconds(5), async (source) => {
      const range = between('2026-01-01T00:00:01.000Z', '2026-01-01T00:00:03.000Z');
      expect(idsOf(await walked(source, { range }, 10))).toEqual(['e0001', 'e0002', 'e0003']);
    }));

  it('finds an event by a range of one instant', () =>
    holding(seconds(5), async (source) => {
      const range = between('2026-01-01T00:00:02.000Z', '2026-01-01T00:00:02.000Z');
      expect(idsOf(await walked(source, { range }, 10))).toEqual(['e0002']);
    }));

  it('walks an empty range to its end at once', () =>
    holding(seconds(3), async (source) => {
      const walk = await source.open({ range: between('2030-01-01T00:00:00.000Z', '2030-01-02T00:00:00.000Z') });
      expect(walk.count).toBe(0);
      expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'page', hits: [], next: undefined });
      await walk.close();
    }));

  it('gives the time of every event as text that keeps its nanoseconds, in order', () =>
    holding(
      [
        { id: 'c', time: '2026-01-01T00:00:00.123456789Z', precision: 'nanos' },
        { id: 'a', time: '2026-01-01T00:00:00.123456701Z', precision: 'nanos' },
        { id: 'b', time: '2026-01-01T00:00:00.123456702Z', precision: 'nanos' },
      ],
      async (source) => {
        const hits = await walked(source, allTime, 1);
        expect(idsOf(hits)).toEqual(['a', 'b', 'c']);
        expect(hits.map((hit) => toInstant(String(hit.sort?.[0])))).toEqual([
          '2026-01-01T00:00:00.123456701Z',
          '2026-01-01T00:00:00.123456702Z',
          '2026-01-01T00:00:00.123456789Z',
        ]);
      },
    ));

  it('loses no event when 1 000 share a millisecond and pages hold 100', () =>
    holding(sameInstant(1000, '2026-01-01T00:00:00.500Z'), async (source) => {
      const hits = await walked(source, allTime, 100);
      expect(hits).toHaveLength(1000);
      expect(new Set(idsOf(hits)).size).toBe(1000);
    }));

  it('loses no event when 200 share a nanosecond and pages hold 30', () =>
    holding(sameInstant(200, '2026-01-01T00:00:00.500000007Z', 'nanos'), async (source) => {
      const hits = await walked(source, allTime, 30);
      expect(new Set(idsOf(hits)).size).toBe(200);
      expect(hits).toHaveLength(200);
    }));

  it('puts events of milliseconds and of nanoseconds into one order', () =>
    holding(
      [
        { id: '1', time: '2026-01-01T00:00:00.000Z' },
        { id: '2', time: '2026-01-01T00:00:00.000000001Z', precision: 'nanos' },
        { id: '3', time: '2026-01-01T00:00:00.001Z' },
        { id: '4', time: '2026-01-01T00:00:00.001000001Z', precision: 'nanos' },
        { id: '5', time: '2026-01-01T00:00:00.002Z' },
      ],
      async (source) => {
        const hits = await walked(source, allTime, 2);
        expect(idsOf(hits)).toEqual(['1', '2', '3', '4', '5']);
        expect(hits.map((hit) => toInstant(String(hit.sort?.[0])))).toEqual([
          '2026-01-01T00:00:00.000000000Z',
          '2026-01-01T00:00:00.000000001Z',
          '2026-01-01T00:00:00.001000000Z',
          '2026-01-01T00:00:00.001000001Z',
          '2026-01-01T00:00:00.002000000Z',
        ]);
      },
    ));

  it('repeats a page when it is asked again', () =>
    holding(sameInstant(50, '2026-01-01T00:00:00.500Z'), async (source) => {
      const walk = await source.open(allTime);
      const first = await pageOf(walk, undefined, 20);
      expect(await pageOf(walk, undefined, 20)).toEqual(first);
      const second = await pageOf(walk, first.next, 20);
      expect(await pageOf(walk, undefined, 20)).toEqual(first);
      expect(await pageOf(walk, first.next, 20)).toEqual(second);
      await walk.close();
    }));

  it('takes another page size at every page', () =>
    holding(sameInstant(50, '2026-01-01T00:00:00.500Z'), async (source) => {
      const walk = await source.open(allTime);
      const hits: Hit[] = [];
      let after: PageCursor | undefined;
      for (const limit of [3, 20, 1, 1000]) {
        const page = await pageOf(walk, after, limit);
        hits.push(...page.hits);
        after = page.next;
      }
      expect(after).toBeUndefined();
      expect(new Set(idsOf(hits)).size).toBe(50);
      await walk.close();
    }));

  it('keeps two walks apart', () =>
    holding(seconds(12), async (source) => {
      const up = await source.open(allTime);
      const down = await source.open({ ...allTime, order: 'desc' });
      const [upHits, downHits] = await Promise.all([pages(up, 5), pages(down, 4)]);
      expect(idsOf(upHits)).toEqual(idsOf(downHits).reverse());
      await up.close();
      await down.close();
    }));

  it('leaves events without a time out of a range, and walks them on its outside', () =>
    holding([...seconds(3), { id: 'timeless', time: undefined }], async (source) => {
      const range = between('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:01.000Z');
      expect(idsOf(await walked(source, { range }, 2))).toEqual(['e0000', 'e0001']);
      expect(idsOf(await walked(source, { range, side: 'outside' }, 1)).sort()).toEqual(['e0002', 'timeless']);
    }));

  it('walks and counts events dated where nanoseconds end, on the outside', () =>
    holding(
      [...seconds(2), { id: 'old', time: '1969-07-20T20:17:40.000Z' }, { id: 'far', time: '2999-01-01T00:00:00.000Z' }],
      async (source) => {
        const range = between('1970-01-01T00:00:00.000Z', '2262-01-01T00:00:00.000Z');
        expect(idsOf(await walked(source, { range }, 10))).toEqual(['e0000', 'e0001']);
        const outside = await source.open({ range, side: 'outside' });
        expect(outside.count).toBe(2);
        expect(idsOf(await pages(outside, 1)).sort()).toEqual(['far', 'old']);
        await outside.close();
      },
    ));

  countPromises(holding);

  it('says how large a page was', () =>
    holding(seconds(3), async (source) => {
      const walk = await source.open(allTime);
      const page = await walk.page(undefined, 3);
      expect(page).toMatchObject({ kind: 'page' });
      expect(page.kind === 'page' && page.bytes).toBeGreaterThan(3 * 20);
      await walk.close();
    }));

  it('can be closed more than once', () =>
    holding(seconds(1), async (source) => {
      const walk = await source.open(allTime);
      await walk.close();
      await walk.close();
    }));
};
