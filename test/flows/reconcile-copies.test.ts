import { describe, expect, it } from 'vitest';
import { aHit, aWorld } from '../support/world.ts';

const hourMs = 3_600_000;
const backing = '.ds-logs-2026.03.01-000001';
const first = aHit('a', '2026-03-01T11:30:10.000Z', 'acme', backing);
const second = aHit('b', '2026-03-01T11:30:20.000Z', 'acme', backing);
const copyOf = (hit: typeof first) => ({ ...hit, _index: `shrink-ab1-${backing}` });
const late = (n: number) => aHit(`late-${n}`, `2026-03-01T11:30:3${n}.000Z`, 'acme', '.ds-logs-2026.03.01-000002');

/** Two events are held, and were explained while each was there twice. */
const withCopies = async () => {
  const world = aWorld({ hits: [first, second] });
  await world.pull();
  for (const hit of [first, second]) world.source.add(copyOf(hit));
  await expect(world.reconcile({ rung: 'hour' })).resolves.toMatchObject({ differing: 1, recovered: 0 });
  await expect(world.reconcile({ rung: 'hour' })).resolves.toMatchObject({ differing: 0 });
  return world;
};

describe('events that come late while a backing index is copied', () => {
  it('are found when the copies are gone', async () => {
    const world = await withCopies();
    for (const { _id } of [first, second]) world.source.remove(backing, _id ?? '');
    world.source.add(late(0));
    await expect(world.reconcile({ rung: 'hour' })).resolves.toMatchObject({ differing: 1, recovered: 1 });
    await expect(world.reconcile({ rung: 'hour' })).resolves.toMatchObject({ differing: 0 });
  });

  it('are found within a day when there are as many of them as there were copies', async () => {
    const world = await withCopies();
    for (const { _id } of [first, second]) world.source.remove(backing, _id ?? '');
    for (const n of [0, 1]) world.source.add(late(n));
    world.clock.advance(hourMs);
    await world.pull();
    await world.reconcile({ rung: 'horizon' });
    expect(await world.journaled()).toEqual(
      expect.arrayContaining([expect.stringMatching(/late-0$/), expect.stringMatching(/late-1$/)]),
    );
    await expect(world.reconcile({ rung: 'horizon' })).resolves.toMatchObject({ differing: 0, recovered: 0 });
  });
});
