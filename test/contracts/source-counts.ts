import { expect, it } from 'vitest';
import type { Source } from '../../shared/ports/source.ts';
import { allTime, between, idsOf, type SourceDocument, seconds, shuffled, walked } from './source-documents.ts';

/**
 * The part of the source's contract that reconcile stands on: counts per minute, and walks of ids.
 * @param holding runs a promise on a source that holds exactly these documents
 */
export const countPromises = (
  holding: (documents: readonly SourceDocument[], promise: (source: Source) => Promise<void>) => Promise<void>,
): void => {
  it('counts by the minute, both ends included, minutes without events left out', () =>
    holding(
      [
        { id: '1', time: '2026-01-01T00:00:59.999Z' },
        { id: '2', time: '2026-01-01T00:01:00.000Z' },
        { id: '3', time: '2026-01-01T00:01:59.999Z' },
        { id: '4', time: '2026-01-01T00:03:00.000Z' },
        { id: '5', time: '2026-01-01T00:04:00.000Z' },
        { id: 'timeless', time: undefined },
      ],
      async (source) => {
        const count = async (from: string, to: string) => [...(await source.countPerMinute(between(from, to)))].sort();
        expect(await count('2026-01-01T00:00:00.000Z', '2026-01-01T00:03:59.999999999Z')).toEqual([
          ['2026-01-01T00:00', 1],
          ['2026-01-01T00:01', 2],
          ['2026-01-01T00:03', 1],
        ]);
        expect(await count('2026-01-01T00:01:00.000Z', '2026-01-01T00:01:00.000Z')).toEqual([['2026-01-01T00:01', 1]]);
        expect(await count('2026-01-01T00:02:00.000Z', '2026-01-01T00:02:59.999999999Z')).toEqual([]);
      },
    ));

  it('counts nanoseconds in the minute they lie in, up to its last', () =>
    holding(
      [
        { id: '1', time: '2026-01-01T00:00:59.999999999Z', precision: 'nanos' },
        { id: '2', time: '2026-01-01T00:01:00.000000000Z', precision: 'nanos' },
        { id: '3', time: '2026-01-01T00:01:59.999999999Z', precision: 'nanos' },
        { id: '4', time: '2026-01-01T00:01:30.000Z' },
        { id: '5', time: '2026-01-01T00:02:00.000000000Z', precision: 'nanos' },
      ],
      async (source) => {
        const range = between('2026-01-01T00:01:00.000Z', '2026-01-01T00:01:59.999999999Z');
        expect([...(await source.countPerMinute(range))]).toEqual([['2026-01-01T00:01', 3]]);
      },
    ));

  it('counts a range of months as it counts its minutes', () =>
    holding(
      [0, 7, 8, 30, 90].map((day) => ({ id: `d${day}`, time: new Date(Date.UTC(2026, 0, 1 + day, 5)).toISOString() })),
      async (source) => {
        const counts = await source.countPerMinute(between('2025-12-01T00:00:00Z', '2026-06-01T00:00:00Z'));
        expect([...counts].sort()).toEqual(
          [0, 7, 8, 30, 90].map((day) => [new Date(Date.UTC(2026, 0, 1 + day, 5)).toISOString().slice(0, 16), 1]),
        );
      },
    ));

  it('counts in each minute what it walks there', () =>
    holding(shuffled(seconds(300)), async (source) => {
      const counts = await source.countPerMinute(allTime.range);
      const hits = await walked(source, { ...allTime, content: 'ids' }, 1000);
      const minutes = Map.groupBy(hits, ({ sort }) => String(sort?.[0]).slice(0, 16));
      expect([...counts].sort()).toEqual([...minutes].map(([minute, inIt]) => [minute, inIt.length]).sort());
    }));

  it('walks ids and times alone when nothing else is wanted', () =>
    holding(seconds(7), async (source) => {
      const hits = await walked(source, { ...allTime, content: 'ids' }, 3);
      const whole = await walked(source, allTime, 3);
      expect(hits.map(({ _index, _id, sort }) => [_index, _id, sort?.[0]])).toEqual(
        whole.map(({ _index, _id, sort }) => [_index, _id, sort?.[0]]),
      );
    }));

  it('walks at least the events that are named by their ids, within the range', () =>
    holding(seconds(20), async (source) => {
      const range = between('2026-01-01T00:00:00.000Z', '2026-01-01T00:00:09.000Z');
      const hits = await walked(source, { range, ids: ['e0003', 'e0007', 'e0015', 'nobody'] }, 1);
      expect(idsOf(hits).filter((id) => ['e0003', 'e0007', 'e0015'].includes(id))).toEqual(['e0003', 'e0007']);
      expect(idsOf(hits)).not.toContain('e0015');
    }));
};
