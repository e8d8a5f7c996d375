import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { type Reconciliation, reconcilePartition } from '../../shared/core/reconcile.ts';
import type { MemorySource } from '../fakes/memory-source.ts';
import { aHit, aWorld, hitsFrom, idsOf } from '../support/world.ts';

type World = ReturnType<typeof aWorld>;

const recordOf = (world: World) =>
  world.records.records().find(({ partition }) => partition === reconcilePartition)?.value as Reconciliation;

const minutesMs = (minutes: number): number => minutes * 60_000;
const hoursMs = (hours: number): number => hours * 3_600_000;

/** It is 12:00, so the watermark of a pull is 11:55. */
const hits = hitsFrom('2026-03-01T09:00:00.000Z', 120, 60_000);

const pulled = async (more: readonly ReturnType<typeof aHit>[] = []): Promise<World> => {
  const world = aWorld({ hits: [...hits, ...more] });
  await world.pull();
  return world;
};

/** What is asked of the source from now on. */
const asked = (source: MemorySource) => {
  const requests: Parameters<MemorySource['open']>[0][] = [];
  const { open } = source;
  source.open = (request) => {
    requests.push(request);
    return open(request);
  };
  return requests;
};

describe('reconcile brings what became visible after pull had passed', () => {
  it.each([
    ['10 s', 10_000],
    ['10 min', minutesMs(10)],
    ['6 h', hoursMs(6)],
    ['23 h 59 min', hoursMs(24) - minutesMs(1)],
  ])('an event that is %s late, once', async (_, lateMs) => {
    const world = await pulled();
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
    const world = await pulled();
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
    const world = await pulled();
    await world.reconcile();
    world.source.add(aHit('late', '2026-03-01T10:00:30.000Z'));
    world.clock.advance(hoursMs(72));
    await world.pull();
    await world.reconcile();
    expect(await world.journaled()).toContain('closer/late');
  });

  it('an event that shares its minute, and its very time, with events that are journaled', async () => {
    const world = await pulled();
    world.source.add(aHit('tie', '2026-03-01T09:30:00.000Z'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 1, recovered: 1 });
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ result: 'done', differing: 0, recovered: 0 });
    expect(await world.journaled()).toEqual([...idsOf(hits), 'closer/tie']);
  });

  it('a flood of late events within one minute, in segments of the usual size', async () => {
    const world = await pulled();
    const flood = Array.from({ length: 4_000 }, (_, n) => aHit(`flood-${n}`, '2026-03-01T09:30:30.000Z'));
    for (const hit of flood) world.source.add(hit);
    const segment = { bytes: 10_000_000, events: 1_000 };
    expect(await world.reconcile({ rung: 'day', segment })).toMatchObject({ recovered: 4_000, segments: 2 });
    expect(await world.journaled()).toEqual([...idsOf(hits), ...idsOf(flood)]);
  });

  it('as segments of kind late, which move no watermark and are part of the chain', async () => {
    const world = await pulled();
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
    const world = await pulled();
    const requests = asked(world.source);
    expect(await world.reconcile()).toMatchObject({ result: 'done', differing: 0 });
    expect(requests).toEqual([]);
  });

  it('reads the ids of a minute first, and then the one event that is missing', async () => {
    const world = await pulled();
    world.source.add(aHit('late', '2026-03-01T09:30:30.000Z'));
    const requests = asked(world.source);
    await world.reconcile({ rung: 'day' });
    const range = { from: '2026-03-01T09:30:00.000000000Z', to: '2026-03-01T09:30:59.999999999Z' };
    expect(requests).toEqual([
      { range, content: 'ids' },
      { range, ids: ['late'] },
    ]);
  });

  it('reads a minute of which nothing is held at once', async () => {
    const world = await pulled();
    world.source.add(aHit('late', '2026-03-01T08:30:30.000Z'));
    const requests = asked(world.source);
    await world.reconcile({ rung: 'day' });
    expect(requests).toEqual([
      { range: { from: '2026-03-01T08:30:00.000000000Z', to: '2026-03-01T08:30:59.999999999Z' } },
    ]);
  });

  it('leaves alone what comes after the watermark: that is still the work of pull', async () => {
    const world = await pulled();
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
    const world = await pulled([aHit('twice', '2026-03-01T09:30:30.000Z'), aHit('twice', '2026-03-01T09:30:30.000Z')]);
    const requests = asked(world.source);
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
    const world = await pulled([aHit('ahead', '2026-03-01T15:00:30.000Z')]);
    world.clock.advance(hoursMs(6));
    await world.pull();
    const requests = asked(world.source);
    expect(await world.reconcile()).toMatchObject({ differing: 0, removedAtSource: 0, exceptions: 1 });
    expect(requests).toEqual([]);
    expect((await world.journaled()).filter((id) => id === 'closer/ahead')).toHaveLength(1);
  });
});

describe('reconcile says what it found', () => {
  it('has nothing to do before the first pull', async () => {
    const world = aWorld({ hits });
    expect(await world.reconcile()).toMatchObject({ rung: 'none', result: 'nothing to do', completeThrough: '' });
  });

  it('does not begin where the state was lost', async () => {
    const world = await pulled();
    world.records.lose('checkpoint', 'closer');
    await expect(world.reconcile()).rejects.toThrow(OperatorMustFix);
    await expect(world.reconcile()).rejects.toThrow(/npx sluice rebuild-checkpoint/);
  });

  it('publishes the watermark as complete where nothing is missing, and writes one line', async () => {
    const world = await pulled();
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
    const world = await pulled();
    world.source.remove('closer', hits[3]?._id ?? '');
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ removedAtSource: 1, recovered: 0, result: 'done' });
    world.source.add(hits[3] ?? aHit('none'));
    expect(await world.reconcile({ rung: 'day' })).toMatchObject({ removedAtSource: 0, recovered: 0 });
  });

  it('counts what is later than the horizon, and does not deliver it', async () => {
    const world = await pulled();
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
    const world = await pulled([aHit('no-time'), aHit('next-year', '2027-03-01T00:00:00.000Z')]);
    expect(await world.reconcile()).toMatchObject({ exceptions: 2, removedAtSource: 0 });
  });

  it.each(['before', 'after'] as const)(
    'counts what was recovered by a run that died %s it could record it',
    async (point) => {
      const world = await pulled();
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
    const world = await pulled();
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
      const world = await pulled();
      const flood = Array.from({ length: 12_000 }, (_, n) => aHit(`flood-${n}`, '2026-03-01T09:30:30.000Z'));
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
    const world = await pulled();
    const flood = hitsFrom('2026-03-01T08:00:00.000Z', 2_500, 1, 'bolt');
    for (const hit of flood) world.source.add(hit);
    let calls = 0;
    const once = (): number => (++calls > 2 ? 19_000 : 60_000);
    const first = await world.reconcile({ rung: 'day', remainingMs: once });
    expect(first).toMatchObject({ result: 'more', recovered: 1_000 });
    expect(recordOf(world)).toMatchObject({ lateRecovered: 1_000, rungs: {} });
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
