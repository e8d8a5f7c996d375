import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../shared/core/checkpoint.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { isIntact, manifestName } from '../../shared/core/segment.ts';
import type { Source } from '../../shared/ports/source.ts';
import { aHit, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const three = hitsFrom('2026-03-01T09:00:00.000Z', 3);

const checkpointOf = (world: ReturnType<typeof aWorld>) =>
  world.records.records().find(({ partition }) => partition === 'checkpoint')?.value as Checkpoint | undefined;

/** Asked once per page: after `pages` of them the view is lost. */
const loseViewAfter = (world: ReturnType<typeof aWorld>, pages: number) => {
  let asked = 0;
  const remainingMs = (): number => {
    asked += 1;
    if (asked === pages) world.source.failNext({ at: 'page', answer: 'lost' });
    return Number.POSITIVE_INFINITY;
  };
  return { remainingMs };
};

describe('pull copies every event into the journal once', () => {
  it('journals what it finds, oldest first, and moves the checkpoint to the time the view was opened less the overlap', async () => {
    const world = aWorld({ hits: [...three].reverse() });
    const line = await world.pull();
    expect(await world.journaled()).toEqual(idsOf(three));
    expect(line).toMatchObject({ result: 'done', read: 3, kept: 3, journaled: 3, segments: 1, head: 1 });
    expect(checkpointOf(world)).toMatchObject({ watermark: '2026-03-01T11:55:00.000000000Z', head: 1 });
  });

  it('reads the overlap again and doubles nothing', async () => {
    const recent = hitsFrom('2026-03-01T11:58:00.000Z', 3);
    const world = aWorld({ hits: recent });
    await world.pull();
    const again = await world.pull();
    expect(again).toMatchObject({ read: 3, kept: 0, segments: 0 });
    expect(await world.journaled()).toEqual(idsOf(recent));
  });

  it('brings an event that becomes visible late within the overlap', async () => {
    const world = aWorld({ hits: hitsFrom('2026-03-01T11:59:00.000Z', 2) });
    world.source.add(aHit('late', '2026-03-01T11:58:30.000Z'), { visibleAtMs: world.clock.nowMs() + 10_000 });
    await world.pull();
    world.clock.advance(60_000);
    await world.pull();
    expect(await world.journaled()).toContain('closer/late');
  });

  it('brings an event that shares its time with one already at the checkpoint', async () => {
    const world = aWorld({ hits: [aHit('a', '2026-03-01T11:59:00.000Z')] });
    await world.pull();
    world.source.add(aHit('b', '2026-03-01T11:59:00.000Z'));
    await world.pull();
    expect(await world.journaled()).toEqual(['closer/a', 'closer/b']);
  });

  it('keeps nanoseconds apart', async () => {
    const times = ['2026-03-01T09:00:00.123456701Z', '2026-03-01T09:00:00.123456702Z', '2026-03-01T09:00:00.123Z'];
    const world = aWorld({ hits: times.map((time, n) => aHit(`n${n}`, time)) });
    await world.pull();
    expect(await world.journaled()).toEqual(['closer/n2', 'closer/n0', 'closer/n1']);
  });

  it('journals events without a time, and those dated ahead, once, and lets them move no watermark', async () => {
    const world = aWorld({ hits: [...three, aHit('no-time'), aHit('next-year', '2027-03-01T00:00:00.000Z')] });
    await world.pull();
    await world.pull();
    expect([...(await world.journaled())].sort()).toEqual(
      [...idsOf(three), 'closer/next-year', 'closer/no-time'].sort(),
    );
    expect(checkpointOf(world)?.watermark).toBe('2026-03-01T11:55:00.000000000Z');
  });

  it('does not read events without a time again by every run, but when there are more, and every hour', async () => {
    const world = aWorld({ hits: Array.from({ length: 5 }, (_, n) => aHit(`no-time-${n}`)) });
    expect((await world.pull()).read).toBe(5);
    expect((await world.pull()).read).toBe(0);
    world.source.add(aHit('one-more'));
    expect(await world.pull()).toMatchObject({ read: 6, kept: 1 });
    world.clock.advance(3_600_000);
    expect(await world.pull()).toMatchObject({ read: 6, kept: 0 });
    expect(await world.journaled()).toHaveLength(6);
  });

  it('journals an event without a time once, also when the view is lost while they are read', async () => {
    const world = aWorld({ hits: Array.from({ length: 8_000 }, (_, n) => aHit(`no-time-${n}`)) });
    await world.pull(loseViewAfter(world, 1));
    expect(await world.journaled()).toHaveLength(8_000);
    expect(new Set(await world.journaled()).size).toBe(8_000);
  });

  it('does not journal an event dated ahead again when its time comes', async () => {
    const world = aWorld({ hits: [aHit('soon', '2026-03-01T13:00:00.000Z')] });
    await world.pull();
    world.clock.advance(3_600_000);
    await world.pull();
    expect(await world.journaled()).toEqual(['closer/soon']);
  });
});

describe('pull stops and goes on', () => {
  it('stops while time remains to record, and the next run goes on from there', async () => {
    const many = hitsFrom('2026-03-01T01:00:00.000Z', 2_500);
    const world = aWorld({ hits: many });
    const first = await world.pull({ remainingMs: () => 19_000 });
    expect(first).toMatchObject({ result: 'more', journaled: 1_000 });
    const second = await world.pull();
    expect(second.result).toBe('done');
    expect(await world.journaled()).toEqual(idsOf(many));
  });

  it('makes progress through a tie that is larger than one run', async () => {
    const tie = Array.from({ length: 2_500 }, (_, n) => aHit(`t${n}`, '2026-03-01T09:00:00.000Z'));
    const world = aWorld({ hits: tie });
    let pages = 0;
    const twoPages = () => (++pages % 2 === 0 ? 0 : 60_000);
    for (let run = 0; run < 4; run += 1) await world.pull({ remainingMs: twoPages });
    expect(new Set(await world.journaled()).size).toBe(2_500);
    expect(await world.journaled()).toHaveLength(2_500);
  });

  it('goes on from the last time when the view is lost, without a gap or a double', async () => {
    const many = hitsFrom('2026-03-01T01:00:00.000Z', 2_500);
    const world = aWorld({ hits: many });
    world.source.failNext({ at: 'page', answer: 'too large' });
    world.source.failNext({ at: 'page', answer: 'lost' });
    await world.pull();
    expect(await world.journaled()).toEqual(idsOf(many));
    expect(world.source.openWalks()).toBe(0);
  });

  it('knows what it journaled of a tie when the view is lost in the middle of it', async () => {
    const tie = Array.from({ length: 8_000 }, (_, n) => aHit(`t${n}`, '2026-03-01T09:00:00.000Z'));
    const world = aWorld({ hits: tie });
    await world.pull({ segment: { events: 1_000, bytes: 1_000_000 }, ...loseViewAfter(world, 1) });
    expect(await world.journaled()).toHaveLength(8_000);
    expect(new Set(await world.journaled()).size).toBe(8_000);
  });

  it('halves a refused page and waits before it asks again', async () => {
    const world = aWorld({ hits: three });
    world.source.failNext({ at: 'page', answer: 'too large' });
    world.source.failNext({ at: 'page', answer: 'too large' });
    await world.pull();
    expect(world.clock.waits).toEqual([250, 500]);
    expect(await world.journaled()).toEqual(idsOf(three));
  });

  it('leaves the checkpoint where it was when the source gives no whole answer', async () => {
    const world = aWorld({ hits: three });
    world.source.failNext({ at: 'page', error: new RetryLater('1 of 2 shards failed') });
    await expect(world.pull()).rejects.toThrow(RetryLater);
    expect(checkpointOf(world)).toMatchObject({ watermark: '1970-01-01T00:00:00.000000000Z', head: 0 });
    await world.pull();
    expect(await world.journaled()).toEqual(idsOf(three));
  });

  it('ends with the error itself, nothing left unobserved, when a store fails while the view is still being freed', async () => {
    const world = aWorld({ hits: three });
    const refused = Promise.withResolvers<void>();
    world.blobs.failWhen((operation) => {
      if (operation !== 'putIfAbsent') return undefined;
      setImmediate(refused.resolve);
      return 'before';
    });
    const open: Source['open'] = async (request) => {
      const walk = await world.source.open(request);
      return { ...walk, close: () => refused.promise.then(walk.close) };
    };
    const unobserved: unknown[] = [];
    const observe = (error: unknown) => void unobserved.push(error);
    process.on('unhandledRejection', observe);
    await expect(world.pull({}, { open })).rejects.toThrow(RetryLater);
    process.off('unhandledRejection', observe);
    expect(unobserved).toEqual([]);
  });

  it('does not move past a window in which the source counted more than it gave, and says so', async () => {
    const world = aWorld({ hits: three });
    await world.pull();
    const { watermark } = checkpointOf(world) ?? {};
    world.clock.advance(3_600_000);
    world.source.failNext({ at: 'open', countedTooMany: 1 });
    expect((await world.pull()).result).toBe('more');
    expect(checkpointOf(world)?.watermark).toBe(watermark);
    expect(world.notices.map(({ message }) => message).join()).toContain('fewer events than it counted');
  });

  it('does not move past a gap in the middle of a long walk either', async () => {
    const world = aWorld({ hits: hitsFrom('2026-03-01T01:00:00.000Z', 2_500) });
    world.source.failNext({ at: 'open', countedTooMany: 1 });
    await world.pull({ remainingMs: () => 0 });
    expect(checkpointOf(world)?.watermark).toBe('1970-01-01T00:00:00.000000000Z');
  });
});

describe('two runs at once', () => {
  it('one appends, the other leaves, and nothing is doubled', async () => {
    const world = aWorld({ hits: three });
    const lines = await Promise.all([world.pull(), world.pull(), world.pull()]);
    expect(lines.filter(({ result }) => result === 'done')).toHaveLength(1);
    expect(lines.filter(({ result }) => result === 'busy')).toHaveLength(2);
    expect(await world.journaled()).toEqual(idsOf(three));
  });

  it.each(['before', 'after'] as const)(
    'goes on from a segment whose run died %s its checkpoint was written',
    async (point) => {
      const world = aWorld({ hits: three });
      world.records.failWhen((operation) =>
        operation === 'compareAndSet' && world.blobs.names().length > 0 ? point : undefined,
      );
      await expect(world.pull()).rejects.toThrow(RetryLater);
      expect(await world.journaled()).toEqual(idsOf(three));
      world.records.failWhen(() => undefined);
      expect(await world.pull()).toMatchObject({ result: 'done', journaled: 0, head: 1 });
      expect(await world.journaled()).toEqual(idsOf(three));
    },
  );

  it.each(['before', 'after'] as const)(
    'loses nothing when the answer of an append is lost %s it took effect',
    async (point) => {
      const world = aWorld({ hits: three });
      world.blobs.failNext(point, 'putIfAbsent');
      await expect(world.pull()).rejects.toThrow(RetryLater);
      await world.pull();
      expect(await world.journaled()).toEqual(idsOf(three));
    },
  );
});

describe('the record', () => {
  it('is a chain of manifests, each true to its object, readable with zcat', async () => {
    const world = aWorld({ hits: three });
    await world.pull();
    world.source.add(aHit('next', '2026-03-01T11:59:00.000Z', 'bolt'));
    await world.pull();
    const [first, second] = await Promise.all([world.journal().manifest(1), world.journal().manifest(2)]);
    expect(second?.previous).toBe(first?.hash);
    expect([first, second].every((manifest) => manifest && isIntact(manifest))).toBe(true);
    const object = await world.blobs.get(first?.object ?? '');
    expect(
      gunzipSync(object ?? new Uint8Array())
        .toString()
        .split('\n')
        .slice(3, -1)
        .map((line) => JSON.parse(line).event.id),
    ).toEqual(idsOf(three));
    expect(second?.tenants).toHaveProperty('bolt');
  });

  it('is not read past a manifest that was altered', async () => {
    const world = aWorld({ hits: three });
    await world.pull();
    const name = manifestName('closer', 1);
    const altered = Buffer.from(
      Buffer.from((await world.blobs.get(name)) ?? [])
        .toString()
        .replace('"count":3', '"count":2'),
    );
    world.blobs.tamper(name, altered);
    await expect(world.pull()).rejects.toThrow(OperatorMustFix);
    await expect(world.pull()).rejects.toThrow(/is not what was appended/);
  });

  it('is never begun anew by itself: a lost state stops the pull and names the command that mends it', async () => {
    const world = aWorld({ hits: three });
    await world.pull();
    world.records.lose('checkpoint', 'closer');
    await expect(world.pull()).rejects.toThrow(/npx sluice rebuild-checkpoint/);
  });

  it('stops when the journal is behind what the state says', async () => {
    const world = aWorld({ hits: three });
    await world.pull();
    world.blobs.lose(manifestName('closer', 1));
    await expect(world.pull()).rejects.toThrow(/is missing/);
  });
});
