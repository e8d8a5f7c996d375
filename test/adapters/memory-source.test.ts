import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import type { Hit } from '../../shared/core/event.ts';
import { beginningOfTime, instantFromMs } from '../../shared/core/instant.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import { describeSource } from '../contracts/source-contract.ts';
import { memorySource } from '../fakes/memory-source.ts';

const year2026 = Date.UTC(2026, 0, 1);
const range = { from: beginningOfTime, to: instantFromMs(year2026 + 86_400_000) };
const hit = (id: string): Hit => ({ _index: 'closer', _id: id, _source: { '@timestamp': '2026-01-01T00:00:00.000Z' } });

describeSource('memory source', async (documents) => ({
  source: memorySource({
    id: 'closer',
    clock: frozenAt(year2026),
    hits: documents.map(({ id, time }) => ({
      _index: 'closer',
      _id: id,
      _source: time === undefined ? {} : { '@timestamp': time },
    })),
  }),
}));

describe('memory source', () => {
  it('hides a document until it becomes visible, and from walks opened before', async () => {
    const clock = { now: year2026, nowMs: () => clock.now, sleep: async () => {} };
    const source = memorySource({ id: 'closer', clock });
    source.add(hit('late'), { visibleAtMs: year2026 + 10 });
    const before = await source.open({ range });
    clock.now += 10;
    const after = await source.open({ range });
    expect([before.count, after.count]).toEqual([0, 1]);
  });

  it('fails where the test asks, once, and then works', async () => {
    const source = memorySource({ id: 'closer', clock: frozenAt(year2026), hits: [hit('a')] });
    source.failNext({ at: 'open', error: new RetryLater('the view would not be whole') });
    source.failNext({ at: 'open', countedTooMany: 1 });
    source.failNext({ at: 'page', answer: 'too large' });
    await expect(source.open({ range })).rejects.toThrow(RetryLater);
    const walk = await source.open({ range });
    expect(walk.count).toBe(2);
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'too large' });
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'page', hits: [{ _id: 'a' }] });
  });

  it('keeps a lost view lost', async () => {
    const source = memorySource({ id: 'closer', clock: frozenAt(year2026), hits: [hit('a')] });
    source.failNext({ at: 'page', answer: 'lost' });
    const walk = await source.open({ range });
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'lost' });
    expect(await walk.page(undefined, 10)).toMatchObject({ kind: 'lost' });
  });
});

const frozenAt = (ms: number): Clock => ({ nowMs: () => ms, sleep: async () => {} });
