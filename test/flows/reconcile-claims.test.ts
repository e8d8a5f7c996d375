import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { reconcilePartition } from '../../shared/core/reconcile.ts';
import { hits, hoursMs, minutesMs, pulledWorld, recordOf } from '../support/pulled-world.ts';
import { aHit, aWorld, hitsFrom, idsOf } from '../support/world.ts';

describe('reconcile says what it found', () => {
  it('has nothing to do before the first pull', async () => {
    const world = aWorld({ hits });
    expect(await world.reconcile()).toMatchObject({ rung: 'none', result: 'nothing to do', completeThrough: '' });
  });

  it('does not begin where the state was lost', async () => {
    const world = await pulledWorld();
    world.records.lose('checkpoint', 'closer');
    await expect(world.reconcile()).rejects.toThrow(OperatorMustFix);
    await expect(world.reconcile()).rejects.toThrow(/npx sluice rebuild-checkpoint/);
  });

  it('publishes the watermark as complete where nothing is missing, and writes one line', async () => {
    const world = await pulledWorld();
    const line = await world.reconcile();
    expect(line).toMatchObject({
      rung: 'horizon',
      result: 'done',
      minutes: 25 * 60,
      completeThrough: '2026-03-01T11:55:00.000000000Z',
      lagMs: minutesMs(5),
    });
    expect(world.reconciliations).toEqual([line]);
    expect(recordOf(world)).toMatchObject({
      completeThrough: '2026-03-01T11:55:00.000000000Z',
      checkedAt: '2026-03-01T12:00:00.000Z',
      rungs: { hour: world.clock.nowMs(), day: world.clock.nowMs(), horizon: world.clock.nowMs() },
    });
  });

  it('counts what was removed at the source, and what comes back no longer', async () => {
    const world = await pulledWorld();
    world.source.remove('closer', hits[3]?._id ?? '');
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ removedAtSource: 1, recovered: 0, result: 'done' });
    world.source.add(hits[3] ?? aHit('none'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ removedAtSource: 0, recovered: 0 });
  });

  it('counts what is later than the horizon, and does not deliver it', async () => {
    const world = await pulledWorld();
    await world.reconcile();
    for (let hour = 0; hour < 30; hour += 1) {
      world.clock.advance(hoursMs(1));
      await world.pull();
      await world.reconcile();
    }
    world.source.add(aHit('too-late', '2026-03-01T09:30:30.000Z'));
    expect(await world.reconcile({ rung: 'horizon' })).toMatchObject({ lateMissed: 1, recovered: 0 });
    expect(recordOf(world)).toMatchObject({ lateMissed: 1, lateRecovered: 0 });
    expect(await world.journaled()).not.toContain('closer/too-late');
  });

  it('counts events without a time and events dated ahead, which pull has journaled', async () => {
    const world = await pulledWorld([aHit('no-time'), aHit('next-year', '2027-03-01T00:00:00.000Z')]);
    expect(await world.reconcile()).toMatchObject({ exceptions: 2, removedAtSource: 0 });
  });

  it.each(['before', 'after'] as const)(
    'counts what was recovered by a run that died %s it could record it',
    async (point) => {
      const world = await pulledWorld();
      world.source.add(aHit('late', '2026-03-01T09:30:30.000Z'));
      world.records.failWhen((operation, target) =>
        operation === 'compareAndSet' && target.startsWith(reconcilePartition) ? point : undefined,
      );
      await expect(world.reconcile({ rung: 'day' })).rejects.toThrow(RetryLater);
      world.records.failWhen(() => undefined);
      expect(await world.reconcile({ rung: 'day' })).toMatchObject({ recovered: 0, lateRecovered: 1 });
      expect(await world.journaled()).toEqual([...idsOf(hits), 'closer/late']);
    },
  );
});

describe('reconcile never claims what it does not know', () => {
  const withLate = async () => {
    const world = await pulledWorld();
    world.source.add(aHit('late', '2026-03-01T09:30:30.000Z'));
    return world;
  };

  it('stops being complete at the first minute whose segments are lost, brings the rest, and says why', async () => {
    const world = await withLate();
    world.source.add(aHit('other', '2026-03-01T08:10:00.000Z'));
    world.source.add(aHit('more', '2026-03-01T09:31:30.000Z'));
    const object = (await world.journal().manifest(1))?.object ?? '';
    const bytes = (await world.blobs.get(object)) ?? new Uint8Array();
    world.blobs.lose(object);
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({
      result: 'unmended',
      recovered: 1,
      completeThrough: '2026-03-01T09:30:00.000000000Z',
    });
    expect(world.notices).toContainEqual({ level: 'error', message: expect.stringContaining('is missing') });
    // A shorter look does not see that minute, and must not forget it.
    expect(await world.reconcile({ rung: 'hour' })).toMatchObject({
      result: 'done',
      completeThrough: '2026-03-01T09:30:00.000000000Z',
    });
    await world.blobs.putIfAbsent(object, bytes);
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({
      result: 'done',
      recovered: 2,
      completeThrough: '2026-03-01T11:55:00.000000000Z',
    });
    expect(recordOf(world).unmended).toBeUndefined();
  });

  it('does not call a minute mended of which the source gave less than it counted', async () => {
    const world = await withLate();
    world.source.failNext({ at: 'open', countedTooMany: 1 });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'unmended', recovered: 0 });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', recovered: 1 });
  });

  it('tries a minute that was not mended again, although it has left the horizon meanwhile', async () => {
    const world = await pulledWorld();
    await world.reconcile();
    const time = world.clock.nowMs() + 1_000;
    world.source.add(aHit('early', new Date(time).toISOString()));
    world.source.add(aHit('late', new Date(time).toISOString()), { visibleAtMs: time + hoursMs(24) - minutesMs(2) });
    for (let hour = 0; hour < 25; hour += 1) {
      world.clock.advance(hoursMs(1));
      await world.pull();
      if (hour >= 23) world.source.failNext({ at: 'open', countedTooMany: 1 });
      await world.reconcile({ rung: 'day' });
    }
    expect(recordOf(world).unmended).toBe('2026-03-01T12:00:00.000000000Z');
    world.clock.advance(hoursMs(1));
    await world.pull();
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', recovered: 1 });
    expect(recordOf(world).unmended).toBeUndefined();
  });

  it('gives a minute up that stays unmended a day after it left the horizon, and counts it as missed', async () => {
    const world = await withLate();
    world.blobs.lose((await world.journal().manifest(1))?.object ?? '');
    for (let hour = 0; hour < 60; hour += 1) {
      await world.reconcile();
      if (hour === 40) expect(recordOf(world).completeThrough).toBe('2026-03-01T09:30:00.000000000Z');
      world.clock.advance(hoursMs(1));
      await world.pull();
    }
    await world.reconcile({ rung: 'horizon' });
    expect(recordOf(world)).toMatchObject({ completeThrough: '2026-03-03T23:55:00.000000000Z', lateMissed: 1 });
    expect(recordOf(world).unmended).toBeUndefined();
  });

  it('changes nothing when the source does not answer, and does the same work next time', async () => {
    const world = await withLate();
    world.source.failNext({ at: 'countPerMinute', error: new RetryLater('503') });
    await expect(world.reconcile({ rung: 'day' })).rejects.toThrow(RetryLater);
    world.source.failNext({ at: 'page', error: new RetryLater('503') });
    await expect(world.reconcile({ rung: 'day' })).rejects.toThrow(RetryLater);
    expect(world.source.openWalks()).toBe(0);
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', recovered: 1 });
  });

  it.each([2, 3, 4, 5])(
    'reads on when the view is lost and a page refused at look %i, and doubles nothing',
    async (look) => {
      const world = await pulledWorld();
      const flood = Array.from({ length: 8_000 }, (_, n) => aHit(`flood-${n}`, '2026-03-01T09:30:30.000Z'));
      for (const hit of flood) world.source.add(hit);
      let looks = 0;
      const remainingMs = (): number => {
        looks += 1;
        if (looks === look) {
          world.source.failNext({ at: 'page', answer: 'lost' });
          world.source.failNext({ at: 'page', answer: 'too large' });
        }
        return Number.POSITIVE_INFINITY;
      };
      const segment = { bytes: 10_000_000, events: 1_000 };
      await world.reconcile({ rung: 'day', remainingMs, segment });
      expect(await world.journaled()).toHaveLength(hits.length + flood.length);
      expect(new Set(await world.journaled())).toEqual(new Set([...idsOf(hits), ...idsOf(flood)]));
      expect(world.source.openWalks()).toBe(0);
    },
  );

  it('stops while time remains to record, keeps what it has, and the next run goes on', async () => {
    const world = await pulledWorld();
    const flood = hitsFrom('2026-03-01T08:00:00.000Z', 2_500, 1, 'bolt');
    for (const hit of flood) world.source.add(hit);
    let calls = 0;
    const once = (): number => (++calls > 2 ? 19_000 : 60_000);
    const first = await world.reconcile({ rung: 'day', remainingMs: once });
    expect(first).toMatchObject({ result: 'more', recovered: 1_000 });
    expect(recordOf(world)).toMatchObject({
      lateRecovered: 1_000,
      rungs: {},
      completeThrough: '1970-01-01T00:00:00.000000000Z',
      checkedAt: '1970-01-01T00:00:00.000Z',
    });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', recovered: 1_500 });
    expect(await world.journaled()).toEqual([...idsOf(hits), ...idsOf(flood)]);
  });
});

describe('what is derived is made anew', () => {
  const partitions = ['minutes/closer', reconcilePartition];

  /** 80 pulls, so that sums are worth a record. */
  const longPulled = async () => {
    const world = aWorld({ hits });
    for (let n = 0; n < 80; n += 1) {
      world.source.add(aHit(`e${n}`, new Date(world.clock.nowMs() - 1000).toISOString()));
      await world.pull();
      world.clock.advance(60_000);
    }
    await world.reconcile();
    return world;
  };

  it('is kept, so that the next run reads only newer manifests', async () => {
    const world = await longPulled();
    expect(world.records.records().some(({ partition }) => partition === 'minutes/closer')).toBe(true);
    const read: string[] = [];
    world.blobs.failWhen(
      (operation, name) => void (operation === 'get' && name.startsWith('manifests') && read.push(name)),
    );
    await world.reconcile({ rung: 'day' });
    expect(read.length).toBeLessThan(6);
  });

  it.each([
    ['is lost', undefined],
    ['cannot be read', 'garbage'],
    [
      'is of another journal',
      { upTo: { seq: 3, hash: 'f'.repeat(64) }, minutes: { '09:00': 900 }, surplus: {}, segments: {} },
    ],
    ['is ahead of the journal', { upTo: { seq: 999, hash: 'f'.repeat(64) }, minutes: {}, surplus: {}, segments: {} }],
  ])('when it %s', async (_, value) => {
    const world = await longPulled();
    const before = recordOf(world);
    for (const { partition, id, version } of world.records.records()) {
      if (!partitions.includes(partition)) continue;
      if (value === undefined) world.records.lose(partition, id);
      else await world.records.compareAndSet({ partition, id, value }, version);
    }
    world.source.add(aHit('late', '2026-03-01T09:30:30.000Z'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', recovered: 1, removedAtSource: 0 });
    expect(recordOf(world)).toMatchObject({ completeThrough: before.completeThrough, lateRecovered: 1 });
  });
});
