import { describe, expect, it } from 'vitest';
import { askedOf, hits, hoursMs, minutesMs, pulledWorld, recordOf } from '../support/pulled-world.ts';
import { aHit, aWorld, idsOf } from '../support/world.ts';

describe('reconcile brings what became visible after pull had passed', () => {
  it.each([
    ['10 s', 10_000],
    ['10 min', minutesMs(10)],
    ['6 h', hoursMs(6)],
    ['23 h 59 min', hoursMs(24) - minutesMs(1)],
  ])('an event that is %s late, once', async (_, lateMs) => {
    const world = await pulledWorld();
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

  it('an event that is late by a week, where the horizon is a week', async () => {
    const world = await pulledWorld();
    const horizonMs = hoursMs(168);
    await world.reconcile({ horizonMs });
    world.source.add(aHit('late', '2026-03-01T10:00:30.000Z'), { visibleAtMs: world.clock.nowMs() + hoursMs(160) });
    for (let hour = 0; hour < 192; hour += 1) {
      world.clock.advance(hoursMs(1));
      await world.pull();
      await world.reconcile({ horizonMs });
    }
    expect(await world.journaled()).toContain('closer/late');
  });

  it('an event that became visible while nobody compared for three days', async () => {
    const world = await pulledWorld();
    await world.reconcile();
    world.source.add(aHit('late', '2026-03-01T10:00:30.000Z'));
    world.clock.advance(hoursMs(72));
    await world.pull();
    await world.reconcile();
    expect(await world.journaled()).toContain('closer/late');
  });

  it('an event that shares its minute, and its very time, with events that are journaled', async () => {
    const world = await pulledWorld();
    world.source.add(aHit('tie', '2026-03-01T09:30:00.000Z'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 1, recovered: 1 });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 0, recovered: 0 });
    expect(await world.journaled()).toEqual([...idsOf(hits), 'closer/tie']);
  });

  it('a flood of late events within one minute, in segments of the usual size', async () => {
    const world = await pulledWorld();
    const flood = Array.from({ length: 4_000 }, (_, n) => aHit(`flood-${n}`, '2026-03-01T09:30:30.000Z'));
    for (const hit of flood) world.source.add(hit);
    const segment = { bytes: 10_000_000, events: 1_000 };
    expect(await world.reconcile({ rung: 'day', segment })).toMatchObject({ recovered: 4_000, segments: 2 });
    expect(await world.journaled()).toEqual([...idsOf(hits), ...idsOf(flood)]);
  });

  it('as segments of kind late, which move no watermark and are part of the chain', async () => {
    const world = await pulledWorld();
    world.source.add(aHit('late', '2026-03-01T09:30:30.000Z', 'bolt'));
    await world.reconcile({ rung: 'day' });
    const [first, second] = [await world.journal().manifest(1), await world.journal().manifest(2)];
    expect(second).toMatchObject({ kind: 'late', count: 1, previous: first?.hash, watermark: first?.watermark });
    expect(second?.minutes).toEqual({ '2026-03-01T09:30': 1 });
    expect(Object.keys(second?.tenants ?? {})).toEqual(['bolt']);
  });
});

describe('reconcile reads only what differs', () => {
  it('asks for counts alone where nothing is missing', async () => {
    const world = await pulledWorld();
    const requests = askedOf(world.source);
    expect(await world.reconcile()).toMatchObject({ result: 'done', differing: 0 });
    expect(requests).toEqual([]);
  });

  it('reads the ids of a minute first, and then the one event that is missing', async () => {
    const world = await pulledWorld();
    world.source.add(aHit('late', '2026-03-01T09:30:30.000Z'));
    const requests = askedOf(world.source);
    await world.reconcile({ rung: 'day' });
    const range = { from: '2026-03-01T09:30:00.000000000Z', to: '2026-03-01T09:30:59.999999999Z' };
    expect(requests).toEqual([
      { range, content: 'ids' },
      { range, ids: ['late'] },
    ]);
  });

  it('reads a minute of which nothing is held at once', async () => {
    const world = await pulledWorld();
    world.source.add(aHit('late', '2026-03-01T08:30:30.000Z'));
    const requests = askedOf(world.source);
    await world.reconcile({ rung: 'day' });
    expect(requests).toEqual([
      { range: { from: '2026-03-01T08:30:00.000000000Z', to: '2026-03-01T08:30:59.999999999Z' } },
    ]);
  });

  it('leaves alone what comes after the watermark: that is still the work of pull', async () => {
    const world = await pulledWorld();
    world.source.add(aHit('recent', '2026-03-01T11:55:00.000Z'));
    expect(await world.reconcile({ rung: 'hour' })).toMatchObject({ differing: 0, recovered: 0 });
    await world.pull();
    expect(await world.journaled()).toContain('closer/recent');
  });

  it('leaves alone what comes before the record begins', async () => {
    const world = aWorld({ hits });
    await world.pull({ start: { kind: 'at', instant: '2026-03-01T10:00:30Z' } });
    const held = await world.journaled();
    await world.reconcile();
    expect(await world.journaled()).toEqual(held);
    expect(recordOf(world)).toMatchObject({ lateMissed: 0 });
  });

  it('looks once at documents that come twice under one id, and not again before there are more', async () => {
    const world = await pulledWorld([
      aHit('twice', '2026-03-01T09:30:30.000Z'),
      aHit('twice', '2026-03-01T09:30:30.000Z'),
    ]);
    const requests = askedOf(world.source);
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 1, recovered: 0 });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 0 });
    expect(requests).toHaveLength(1);
    world.source.add(aHit('late', '2026-03-01T09:30:30.000Z'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ recovered: 1 });
    expect(await world.journaled()).toEqual([
      ...idsOf(hits.slice(0, 31)),
      'closer/twice',
      ...idsOf(hits.slice(31)),
      'closer/late',
    ]);
  });

  it('does not bring an event dated ahead again when its time has come', async () => {
    const world = await pulledWorld([aHit('ahead', '2026-03-01T15:00:30.000Z')]);
    world.clock.advance(hoursMs(6));
    await world.pull();
    const requests = askedOf(world.source);
    expect(await world.reconcile()).toMatchObject({ differing: 0, removedAtSource: 0, exceptions: 1 });
    expect(requests).toEqual([]);
    expect((await world.journaled()).filter((id) => id === 'closer/ahead')).toHaveLength(1);
  });
});
