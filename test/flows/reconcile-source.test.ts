import { describe, expect, it } from 'vitest';
import { type Reconciliation, reconcilePartition } from '../../shared/core/reconcile.ts';
import { aHit, aWorld, hitsFrom, idsOf } from '../support/world.ts';

type World = ReturnType<typeof aWorld>;

const recordOf = (world: World) =>
  world.records.records().find(({ partition }) => partition === reconcilePartition)?.value as Reconciliation;

const minutesMs = (minutes: number): number => minutes * 60_000;
const hoursMs = (hours: number): number => hours * 3_600_000;

/** `now` is 12:00; the watermark of a pull then is 11:55. */
const hits = hitsFrom('2026-03-01T09:00:00.000Z', 120, 60_000);

describe('reconcile brings what became visible after pull had passed', () => {
  it.each([
    ['10 s', 10_000],
    ['10 min', minutesMs(10)],
    ['6 h', hoursMs(6)],
    ['23 h 59 min', hoursMs(24) - minutesMs(1)],
  ])('an event that is %s late, once', async (_, lateMs) => {
    const world = aWorld({ hits });
    await world.pull();
    const time = world.clock.nowMs() + 1_000;
    world.source.add(aHit('late', new Date(time).toISOString()), { visibleAtMs: time + lateMs });
    for (let passed = 0; passed < lateMs + hoursMs(2); passed += minutesMs(5)) {
      world.clock.advance(minutesMs(5));
      await world.pull();
      await world.reconcile();
    }
    expect(await world.journaled()).toEqual([...idsOf(hits), 'closer/late']);
    expect(recordOf(world)).toMatchObject({ lateRecovered: lateMs < minutesMs(5) ? 0 : 1, lateMissed: 0 });
  });

  it('an event that shares its minute, and its very time, with events that are journaled', async () => {
    const world = aWorld({ hits });
    await world.pull();
    world.source.add(aHit('tie', '2026-03-01T09:30:00.000Z'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 1, recovered: 1 });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 0, recovered: 0 });
    expect(await world.journaled()).toEqual([...idsOf(hits), 'closer/tie']);
  });
});
