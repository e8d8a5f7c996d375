import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import type { Source, Walk, WalkRequest } from '../../shared/ports/source.ts';
import { aHit, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const minuteMs = 60_000;
const backlog = hitsFrom('2026-03-01T10:00:00Z', 3_000);
/** Events that become visible at their own time, one every `stepMs`. */
const live = (count: number, stepMs = minuteMs) => hitsFrom('2026-03-01T12:00:30Z', count, stepMs);

const worldWith = (past: Parameters<typeof idsOf>[0], coming: Parameters<typeof idsOf>[0]) => {
  const world = aWorld({ hits: past });
  for (const hit of coming)
    world.source.add(hit, { visibleAtMs: Date.parse((hit._source as { '@timestamp': string })['@timestamp']) });
  const pullEachMinute = async (times: number) => {
    for (let run = 0; run < times; run += 1) {
      world.clock.advance(minuteMs);
      await world.pull();
    }
  };
  return { world, pullEachMinute, all: idsOf([...past, ...coming]).toSorted() };
};

/** The first view is changed so; the others are as the source gives them. */
const firstView = (source: Source, change: (walk: Walk) => Walk): Source['open'] => {
  let opened = 0;
  return async (request) => {
    const walk = await source.open(request);
    opened += 1;
    return opened === 1 ? change(walk) : walk;
  };
};

describe('a run that takes longer than its range', () => {
  const lostAfter30Minutes =
    (advance: (ms: number) => void) =>
    (walk: Walk): Walk => {
      let pages = 0;
      return {
        ...walk,
        page: async (after, limit) => {
          pages += 1;
          if (pages === 1) return walk.page(after, limit);
          advance(30 * minuteMs);
          return { kind: 'lost', reason: 'a node was restarted' };
        },
      };
    };

  it('loses its view after half an hour: what came meanwhile is journaled', async () => {
    const { world, pullEachMinute, all } = worldWith(backlog, live(60));
    await world.pull({}, { open: firstView(world.source, lostAfter30Minutes(world.clock.advance)) });
    await pullEachMinute(40);
    expect((await world.journaled()).toSorted()).toEqual(all);
  });

  it('and then cannot look for events outside its range: nothing is passed over', async () => {
    const { world, pullEachMinute, all } = worldWith(backlog, live(60));
    const open = firstView(world.source, lostAfter30Minutes(world.clock.advance));
    const withoutOutside = async (request: WalkRequest) => {
      if (request.side === 'outside') throw new RetryLater('The source does not answer (503).');
      return open(request);
    };
    await expect(world.pull({}, { open: withoutOutside })).rejects.toThrow(RetryLater);
    await pullEachMinute(40);
    expect((await world.journaled()).toSorted()).toEqual(all);
  });

  it('brings what became visible meanwhile with a time that it had passed already', async () => {
    const past = [...backlog, ...hitsFrom('2026-03-01T11:59:00Z', 50)];
    const { world, all } = worldWith(past, []);
    const late = aHit('late', '2026-03-01T11:58:00.000Z');
    world.source.add(late, { visibleAtMs: Date.parse('2026-03-01T12:01:00Z') });
    const slow = (walk: Walk): Walk => ({
      ...walk,
      page: async (after, limit) => {
        world.clock.advance(10 * minuteMs);
        return walk.page(after, limit);
      },
    });
    await world.pull({}, { open: firstView(world.source, slow) });
    expect((await world.journaled()).toSorted()).toEqual([...all, ...idsOf([late])].toSorted());
  });

  it('journals what came meanwhile as ordinary events, not as exceptions dated ahead', async () => {
    const { world, pullEachMinute, all } = worldWith(backlog, live(120));
    const slow = (walk: Walk): Walk => ({
      ...walk,
      page: async (after, limit) => {
        world.clock.advance(30 * minuteMs);
        return walk.page(after, limit);
      },
    });
    await world.pull({}, { open: firstView(world.source, slow) });
    await pullEachMinute(90);
    expect((await world.journaled()).toSorted()).toEqual(all);
    const journal = world.journal();
    for (let seq = 1; ; seq += 1) {
      const manifest = await journal.manifest(seq);
      if (!manifest) break;
      expect(manifest.kind).toBe('scan');
    }
    await expect(world.reconcile({ rung: 'day' })).resolves.toMatchObject({ result: 'done', differing: 0 });
  });
});

describe('a view that a run left within one instant', () => {
  it('is gone when the next run comes three days later: what came in between is journaled', async () => {
    const ties = Array.from({ length: 12_000 }, (_, n) => aHit(`tie-${n}`, '2026-03-01T11:50:00.000Z'));
    const { world, pullEachMinute, all } = worldWith(ties, live(72, 60 * minuteMs));
    const gone: Walk = {
      openedAtMs: world.clock.nowMs(),
      count: 12_000,
      page: async () => ({ kind: 'lost', reason: 'no such view' }),
      countBefore: async () => 0,
      close: async () => {},
    };
    const open = async (request: WalkRequest): Promise<Walk> => {
      if (request.view) return { ...gone, openedAtMs: request.view.openedAtMs };
      const walk = await world.source.open(request);
      return { ...walk, leave: () => ({ id: 'view', openedAtMs: walk.openedAtMs, count: walk.count }) };
    };
    let asked = 0;
    const remainingMs = () => (asked++ < 2 ? Number.POSITIVE_INFINITY : 0);
    await expect(world.pull({ remainingMs }, { open })).resolves.toMatchObject({ result: 'more' });
    world.clock.advance(3 * 24 * 60 * minuteMs);
    await expect(world.pull({}, { open })).resolves.toMatchObject({ result: 'done' });
    await pullEachMinute(2);
    expect((await world.journaled()).toSorted()).toEqual(all);
  });
});
