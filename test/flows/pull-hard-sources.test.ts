import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { pageSizes } from '../../shared/core/page-size.ts';
import type { Source, Walk, WalkRequest } from '../../shared/ports/source.ts';
import { aHit, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const everyWalk =
  (source: Source, change: (walk: Walk) => Walk): Source['open'] =>
  async (request) =>
    change(await source.open(request));

describe('documents that are too large for one answer', () => {
  const answerBytes = 32 * 1024 * 1024;
  const bytesOf = (id: string): number => (id.startsWith('big') ? 20_000_000 : 1_000);
  /** As the adapter does: a page is refused when it is longer than an answer may be, unless it is one event. */
  const bounded = (walk: Walk): Walk => ({
    ...walk,
    page: async (after, limit) => {
      const page = await walk.page(after, limit);
      if (page.kind !== 'page') return page;
      const bytes = page.hits.reduce((sum, { _id }) => sum + bytesOf(String(_id)), 0);
      return bytes > answerBytes && limit > 1
        ? { kind: 'too large', reason: 'too long', isTooLong: true }
        : { ...page, bytes };
    },
  });
  const big = [aHit('big-1', '2026-03-01T11:00:00.000Z'), aHit('big-2', '2026-03-01T11:00:01.000Z')];
  const after = aHit('after', '2026-03-01T11:00:02.000Z');

  it.each([
    ['first', []],
    ['behind 500 small ones', hitsFrom('2026-03-01T10:00:00Z', 500)],
    ['behind pages that have grown', hitsFrom('2026-03-01T01:00:00Z', 12_000)],
  ])('two of them stand side by side, %s: all arrive in one run', async (_, before) => {
    const world = aWorld({ hits: [...before, ...big, after] });
    const line = await world.pull({}, { open: everyWalk(world.source, bounded) });
    expect(line.result).toBe('done');
    expect((await world.journaled()).toSorted()).toEqual(idsOf([...before, ...big, after]).toSorted());
  });
});

describe('a source that fails in the middle of a walk', () => {
  it('what it gave before is journaled, and the watermark stays', async () => {
    const hits = hitsFrom('2026-03-01T10:00:00Z', 1_500);
    const world = aWorld({ hits });
    const failing = (walk: Walk): Walk => ({
      ...walk,
      page: async (after, limit) => {
        if (after !== undefined) throw new RetryLater('Elasticsearch does not answer (503).');
        return walk.page(after, limit);
      },
    });
    await expect(world.pull({}, { open: everyWalk(world.source, failing) })).rejects.toThrow('503');
    expect(await world.journaled()).toEqual(idsOf(hits.slice(0, 1_000)));
    await expect(world.pull()).resolves.toMatchObject({ result: 'done', kept: 500 });
    expect((await world.journaled()).toSorted()).toEqual(idsOf(hits).toSorted());
  });

  it('gave nothing: nothing is written', async () => {
    const world = aWorld({ hits: hitsFrom('2026-03-01T10:00:00Z', 10) });
    const dead = (walk: Walk): Walk => ({
      ...walk,
      page: async () => {
        throw new RetryLater('503');
      },
    });
    await expect(world.pull({}, { open: everyWalk(world.source, dead) })).rejects.toThrow(RetryLater);
    expect(await world.journaled()).toEqual([]);
  });
});

describe('a source whose pages take 45 seconds', () => {
  /** Pages of a thousand, so large that no more are asked for; `taken` is told of each once its time has passed. */
  const slow = (world: ReturnType<typeof aWorld>, taken: () => Promise<void>) =>
    everyWalk(world.source, (walk) => ({
      ...walk,
      page: async (after, limit) => {
        const page = await walk.page(after, limit);
        // The page before is worked on meanwhile.
        await new Promise((resolve) => setImmediate(resolve));
        world.clock.advance(45_000);
        await taken();
        return page.kind === 'page' ? { ...page, bytes: pageSizes.targetBytes } : page;
      },
    }));
  const dead = new Promise<never>(() => {});

  it('runs of 300 seconds record what they read before they are ended from outside', async () => {
    const hits = hitsFrom('2026-03-01T08:00:00Z', 9_000);
    const world = aWorld({ hits });
    for (let run = 0; run < 3; run += 1) {
      const deadlineMs = world.clock.nowMs() + 300_000;
      const open = slow(world, async () => {
        if (world.clock.nowMs() > deadlineMs) await dead;
      });
      // One that still waits for a page at its deadline never comes to its end.
      await world.pull({ remainingMs: () => deadlineMs - world.clock.nowMs() }, { open });
    }
    expect((await world.journaled()).toSorted()).toEqual(idsOf(hits).toSorted());
  });

  it('a run that is killed in the middle has journaled what came until a minute before', async () => {
    const hits = hitsFrom('2026-03-01T08:00:00Z', 9_000);
    const world = aWorld({ hits });
    const killed = Promise.withResolvers<void>();
    let pages = 0;
    const open = slow(world, async () => {
      pages += 1;
      if (pages < 5) return;
      killed.resolve();
      await dead;
    });
    void world.pull({}, { open });
    await killed.promise;
    expect((await world.journaled()).length).toBeGreaterThanOrEqual(2_000);
  });
});

describe('one millisecond that holds more events than a run reads, each at a nanosecond of its own', () => {
  it('every run goes on where the one before stopped, until all are there', async () => {
    const hits = Array.from({ length: 9_000 }, (_, n) =>
      aHit(`n${n}`, `2026-03-01T11:00:00.123${String(n).padStart(6, '0')}Z`),
    );
    const world = aWorld({ hits });
    const views = new Map<string, Walk>();
    const open = async (request: WalkRequest): Promise<Walk> => {
      const kept = request.view && views.get(request.view.id);
      if (kept) return kept;
      const walk = await world.source.open(request);
      const id = `view-${views.size}`;
      const leavable: Walk = { ...walk, leave: () => ({ id, openedAtMs: walk.openedAtMs, count: walk.count }) };
      views.set(id, leavable);
      return leavable;
    };
    for (let run = 0; run < 6; run += 1) {
      let asked = 0;
      const remainingMs = () => (asked++ < 2 ? Number.POSITIVE_INFINITY : 0);
      await world.pull({ remainingMs }, { open });
      world.clock.advance(60_000);
    }
    expect((await world.journaled()).toSorted()).toEqual(idsOf(hits).toSorted());
  });
});
