import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { toInstant } from '../../shared/core/instant.ts';
import { type BackfillOptions, backfill } from '../../shared/flows/backfill.ts';
import { aHit, aWorld, hitsFrom, idsOf, plainRead } from '../support/world.ts';

type World = ReturnType<typeof aWorld>;

const instant = (text: string) => toInstant(text) ?? expect.fail(`no instant: ${text}`);

const bring = (world: World, from: string, to: string, overrides: Partial<BackfillOptions> = {}) =>
  backfill(
    {
      source: world.source,
      journal: world.journal(),
      records: world.records,
      clock: world.clock,
      read: plainRead,
      progress: (so) => void steps.push(so),
    },
    { from: instant(from), to: instant(to), remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
  );
const steps: { readonly done: number; readonly of: number }[] = [];

/** Ten days of one event an hour; the record begins at noon of the eighth. It is the tenth, 12:00. */
const days = hitsFrom('2026-02-20T00:30:00.000Z', 228, 3_600_000);
const begin = '2026-02-27T12:00:00Z';

const pulled = async (): Promise<World> => {
  const world = aWorld({ hits: days });
  await world.pull({ start: { kind: 'at', instant: begin } });
  return world;
};
const journaledSoFar = (world: World) => world.journaled().then((ids) => ids.length);

describe('a backfill', () => {
  it('brings what lies before the record begins, once, and leaves its begin where it is', async () => {
    const world = await pulled();
    const held = await journaledSoFar(world);
    const line = await bring(world, '2026-02-20T00:00:00Z', '2026-03-01T12:00:00Z');
    expect(line).toMatchObject({ result: 'done', recovered: days.length - held, refused: [] });
    expect(new Set(await world.journaled())).toEqual(new Set(idsOf(days)));
    expect(await world.journaled()).toHaveLength(days.length);
    expect(await bring(world, '2026-02-20T00:00:00Z', '2026-03-01T12:00:00Z')).toMatchObject({ recovered: 0 });
    expect((await world.journal().head(0))?.begin).toBe('2026-02-27T12:00:00.000000000Z');
  });

  it('brings its range alone, in whole minutes', async () => {
    const world = await pulled();
    const held = await journaledSoFar(world);
    await bring(world, '2026-02-21T03:30:20Z', '2026-02-21T05:30:10Z');
    expect((await world.journaled()).slice(held)).toEqual(idsOf(days.slice(27, 30)));
  });

  it('brings what became visible later than the horizon, which is counted as missed until then', async () => {
    const world = aWorld({ hits: days });
    await world.pull();
    world.source.add(aHit('week-late', '2026-02-22T10:10:10.000Z'));
    expect(await world.reconcile()).toMatchObject({ lateMissed: 1, recovered: 0 });
    expect(await bring(world, '2026-02-22T00:00:00Z', '2026-02-23T00:00:00Z')).toMatchObject({ recovered: 1 });
    expect(await world.reconcile({ rung: 'horizon' })).toMatchObject({ lateMissed: 0, lateRecovered: 1 });
  });

  it('finds with ids what counts cannot tell: as many came late as were removed', async () => {
    const world = aWorld({ hits: days });
    await world.pull();
    world.source.remove('closer', days[50]?._id ?? '');
    world.source.add(aHit('instead', '2026-02-22T02:30:20.000Z'));
    const range = ['2026-02-22T00:00:00Z', '2026-02-23T00:00:00Z'] as const;
    expect(await bring(world, ...range)).toMatchObject({ differing: 0, recovered: 0 });
    expect(await bring(world, ...range, { looked: 'every' })).toMatchObject({ differing: 24, recovered: 1 });
    expect(await bring(world, ...range, { looked: 'every' })).toMatchObject({ recovered: 0 });
  });

  it('stops at the watermark: what comes after is the work of pull', async () => {
    const world = await pulled();
    world.source.add(aHit('recent', '2026-03-01T11:56:00.000Z'));
    const line = await bring(world, '2026-03-01T11:00:00Z', '2026-03-01T12:00:00Z');
    expect(line).toMatchObject({ to: '2026-03-01T11:55:00.000000000Z', recovered: 0 });
    await expect(bring(world, '2026-03-01T11:57:00Z', '2026-03-01T12:00:00Z')).rejects.toThrow(/Run: npx sluice pull/);
  });

  it('passes over years without an event at once', async () => {
    const world = await pulled();
    let counted = 0;
    const { countPerMinute } = world.source;
    world.source.countPerMinute = (range) => {
      counted += 1;
      return countPerMinute(range);
    };
    await bring(world, '1970-01-01T00:00:00Z', '2026-03-01T00:00:00Z');
    expect(counted).toBeLessThan(12);
    expect(await world.journaled()).toContain(idsOf(days)[0]);
  });

  it('does not take an empty page for the end where the source counts something', async () => {
    const world = await pulled();
    world.source.failNext({ at: 'open', countedTooMany: 1 });
    world.source.add(aHit('moon', '2026-02-19T00:00:10.000Z'), { visibleAtMs: world.clock.nowMs() + 1 });
    const { countPerMinute } = world.source;
    world.source.countPerMinute = (range) => {
      world.clock.advance(1);
      return countPerMinute(range);
    };
    expect(await bring(world, '2026-02-19T00:00:00Z', '2026-02-20T00:00:00Z')).toMatchObject({ recovered: 1 });
  });

  it('says how far it has come', async () => {
    const world = await pulled();
    steps.length = 0;
    await bring(world, '2026-02-20T00:00:00Z', '2026-02-23T00:00:00Z');
    expect(steps).toEqual([1440, 2880, 4320, 4320].map((done) => ({ done, of: 4320 })));
  });

  it('needs something pulled: the record must have a begin', async () => {
    await expect(bring(aWorld({ hits: days }), '2026-02-20T00:00:00Z', '2026-02-21T00:00:00Z')).rejects.toThrow(
      OperatorMustFix,
    );
  });
});

describe('a backfill that was stopped', () => {
  const range = ['2026-02-20T00:00:00Z', '2026-02-27T00:00:00Z'] as const;
  const counts = (world: World) => {
    const days: string[] = [];
    const { countPerMinute } = world.source;
    world.source.countPerMinute = (asked) => {
      days.push(asked.from.slice(0, 10));
      return countPerMinute(asked);
    };
    return days;
  };

  it('goes on where it stopped, and tells of both runs', async () => {
    const world = await pulled();
    let looks = 0;
    const stopped = await bring(world, ...range, { remainingMs: () => (++looks > 9 ? 0 : 60_000) });
    expect(stopped.result).toBe('more');
    expect(stopped.recovered).toBeGreaterThan(0);
    const asked = counts(world);
    const line = await bring(world, ...range);
    expect(line).toMatchObject({ result: 'done', recovered: 168 });
    expect(asked[0]).toBe(stopped.through.slice(0, 10));
    expect(new Set(await world.journaled()).size).toBe((await world.journaled()).length);
    // It has ended: the next one with this range looks at all of it again.
    expect(await bring(world, ...range)).toMatchObject({ recovered: 0 });
    expect(asked).toContain('2026-02-20');
  });

  it('goes on after the source did not answer', async () => {
    const world = await pulled();
    let counted = 0;
    const { countPerMinute } = world.source;
    world.source.countPerMinute = (asked) => {
      counted += 1;
      if (counted === 4) throw new RetryLater('503');
      return countPerMinute(asked);
    };
    await expect(bring(world, ...range)).rejects.toThrow(RetryLater);
    counted = 10;
    const asked = counts(world);
    expect(await bring(world, ...range)).toMatchObject({ result: 'done', recovered: 168 });
    expect(asked[0]).toBe('2026-02-23');
  });

  it('begins anew for another range, and where its record cannot be read', async () => {
    const world = await pulled();
    await world.records.compareAndSet({ partition: 'backfill', id: 'closer', value: { progress: 'far' } }, 0);
    expect(await bring(world, ...range)).toMatchObject({ result: 'done', recovered: 168 });
  });
});

describe('a backfill refuses', () => {
  it('a minute of which it cannot know what is held, brings the others, and says which and why', async () => {
    const world = aWorld({ hits: days });
    await world.pull({ segment: { events: 1, bytes: 1 } });
    world.source.add(aHit('late-a', '2026-02-22T10:30:10.000Z'));
    world.source.add(aHit('late-b', '2026-02-22T10:31:10.000Z'));
    const held = await world.journaled();
    const manifest = await world.journal().head(0);
    world.blobs.lose(manifest?.object ?? '');
    const line = await bring(world, '2026-02-22T00:00:00Z', '2026-02-23T00:00:00Z');
    expect(line).toMatchObject({
      result: 'refused',
      recovered: 1,
      refused: [
        {
          from: '2026-02-22T10:30:00.000000000Z',
          to: '2026-02-22T10:31:00.000000000Z',
          reason: expect.stringMatching(/^It cannot be known what is held: .* is missing/),
        },
      ],
    });
    expect(held).toHaveLength(days.length);
  });
});
