import { describe, expect, it } from 'vitest';
import { checkpointPartition } from '../../shared/core/checkpoint.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { aRoster } from '../support/a-roster.ts';
import { aHit, aWorld } from '../support/world.ts';

const dayMs = 24 * 3_600_000;
const minuteMs = 60_000;
type World = ReturnType<typeof aWorld>;

const checkpointOf = (world: World) =>
  world.records.records().find(({ partition }) => partition === checkpointPartition)?.value as {
    readonly exceptions: readonly number[];
    readonly listed?: { readonly object: string };
  };
const rebuild = (world: World) =>
  rebuildCheckpoint({
    journal: world.journal(),
    records: world.records,
    clock: world.clock,
    roster: aRoster([], world.records),
  });
/** As a lifecycle rule does: events go but for the newest, manifests stay. */
const expireSegments = (world: World): void => {
  const segments = world.blobs.names().filter((one) => one.startsWith('segments/'));
  for (const name of segments.slice(0, -1)) world.blobs.lose(name);
};

/** A month in which an event without a time came on the first day, and one event every day since. */
const afterAMonth = async (): Promise<World> => {
  const world = aWorld({ hits: [aHit('no-time')] });
  await world.pull();
  for (let day = 1; day <= 31; day += 1) {
    world.clock.advance(dayMs);
    world.source.add(aHit(`day-${day}`, new Date(world.clock.nowMs() - 1_000).toISOString()));
    await world.pull();
  }
  expireSegments(world);
  return world;
};
const countOf = async (world: World, id: string): Promise<number> => {
  let count = 0;
  const journal = world.journal();
  for (let seq = 1; ; seq += 1) {
    const manifest = await journal.manifest(seq);
    if (!manifest) return count;
    if (!world.blobs.names().includes(manifest.object)) continue;
    const { bytes } = await journal.lines(manifest, 'acme');
    count += Buffer.from(bytes).toString().split(`"closer/${id}"`).length - 1;
  }
};

describe('an event without a time, whose segment has expired', () => {
  it('neither stops pull nor is journaled again', async () => {
    const world = await afterAMonth();
    world.clock.advance(2 * 3_600_000);
    world.source.add(aHit('after', new Date(world.clock.nowMs() - 1_000).toISOString()));
    world.source.add(aHit('no-time-2'));
    await expect(world.pull()).resolves.toMatchObject({ result: 'done', kept: 2 });
    expect(await countOf(world, 'no-time')).toBe(0);
    expect(await countOf(world, 'no-time-2')).toBe(1);
  });

  it('is known after the checkpoint was made anew', async () => {
    const world = await afterAMonth();
    world.records.lose(checkpointPartition, 'closer');
    await rebuild(world);
    world.clock.advance(2 * 3_600_000);
    // More of them than before: all are looked at again.
    world.source.add(aHit('no-time-2'));
    await expect(world.pull()).resolves.toMatchObject({ result: 'done', kept: 1 });
  });

  it('does not stop reconcile', async () => {
    const world = await afterAMonth();
    await expect(world.reconcile({ rung: 'horizon' })).resolves.toMatchObject({ result: 'done', lateMissed: 0 });
  });

  it('its list is missing: a person must act, and the checkpoint can be made anew while the segments are there', async () => {
    const world = aWorld({ hits: [aHit('no-time')] });
    await world.pull();
    world.clock.advance(2 * dayMs);
    await world.pull();
    world.blobs.lose(checkpointOf(world).listed?.object ?? '');
    await expect(world.pull()).rejects.toThrow(OperatorMustFix);
    await rebuild(world);
    world.source.add(aHit('no-time-2'));
    await expect(world.pull()).resolves.toMatchObject({ result: 'done', kept: 1 });
  });
});

describe('a shipper that writes an event without a time every minute', () => {
  it('costs a run no more reads after five hours than after one', async () => {
    const world = aWorld();
    const reads: number[] = [];
    let run = 0;
    world.blobs.failWhen((operation) => {
      if (operation === 'get') run += 1;
      return undefined;
    });
    for (let minute = 0; minute < 300; minute += 1) {
      world.clock.advance(minuteMs);
      world.source.add(aHit(`no-time-${minute}`));
      run = 0;
      await world.pull();
      reads.push(run);
    }
    expect(Math.max(...reads.slice(240))).toBeLessThanOrEqual(Math.max(...reads.slice(0, 60)) + 4);
    expect(checkpointOf(world).exceptions.length).toBeLessThanOrEqual(32);
    expect(new Set(await world.journaled()).size).toBe(300);
    expect(await world.journaled()).toHaveLength(300);
  });

  it('a run that dies while it lists them changes nothing', async () => {
    const world = aWorld();
    for (let minute = 0; minute < 70; minute += 1) {
      world.clock.advance(minuteMs);
      world.source.add(aHit(`no-time-${minute}`));
      const point = minute % 3 === 0 ? 'before' : 'after';
      world.blobs.failWhen((operation, name) =>
        operation === 'putIfAbsent' && name.startsWith('exceptions/') && minute % 2 === 0 ? point : undefined,
      );
      await world.pull().catch(() => {});
    }
    world.blobs.failWhen(() => undefined);
    await world.pull();
    expect((await world.journaled()).toSorted()).toEqual(
      Array.from({ length: 70 }, (_, minute) => `closer/no-time-${minute}`).toSorted(),
    );
  });
});
