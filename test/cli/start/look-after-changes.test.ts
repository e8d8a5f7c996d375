import { describe, expect, it } from 'vitest';
import { lookAfterChanges } from '../../../cli/start/look-after-changes.ts';
import { pauseSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import { dying, type ManagedWorld, managedWorld, ofAcme } from '../../support/managed-world.ts';

/** A pause that is made, and whose process dies before it is journaled. */
const halfPaused = async (): Promise<ManagedWorld> => {
  const world = await managedWorld();
  const { id } = (await world.create()).subscription;
  world.blobs.failWhen((operation) => (operation === 'putIfAbsent' ? 'before' : undefined));
  await dying(pauseSubscription(world.deps(), ofAcme, id));
  world.blobs.failWhen(() => undefined);
  return world;
};

/** Looks until it has waited so often. */
const looking = async (world: ManagedWorld, waits: number): Promise<readonly number[]> => {
  const asked = new AbortController();
  const slept: number[] = [];
  const sleep = async (ms: number): Promise<void> => {
    slept.push(ms);
    world.clock.advance(ms);
    if (slept.length === waits) asked.abort();
  };
  await lookAfterChanges({ ...world.deps(), clock: { nowMs: world.clock.nowMs, sleep } }, asked.signal);
  return slept;
};

describe('what calls left half done', () => {
  it('is finished when the process begins', async () => {
    const world = await halfPaused();
    await looking(world, 1);
    expect(await world.audited()).toEqual(['subscription-created', 'subscription-paused']);
  });

  it('is looked for every hour until the process stops', async () => {
    expect(await looking(await managedWorld(), 3)).toEqual([3_600_000, 3_600_000, 3_600_000]);
  });

  it('and cannot be finished now is said, and found an hour later', async () => {
    const world = await halfPaused();
    let looks = 0;
    world.records.failWhen((operation, target) => {
      if (operation !== 'range' || target !== 'change') return undefined;
      looks += 1;
      return looks === 1 ? 'before' : undefined;
    });
    await looking(world, 2);
    expect(world.notices.map(({ message }) => message)).toContainEqual(expect.stringMatching(/left half done/));
    expect(await world.audited()).toEqual(['subscription-created', 'subscription-paused']);
  });

  it('ends the process when it is a mistake of ours', async () => {
    const world = await managedWorld();
    const fails = (error: Error) =>
      lookAfterChanges(
        { ...world.deps(), records: { ...world.records, range: () => Promise.reject(error) } },
        new AbortController().signal,
      );
    await expect(fails(new TypeError('a mistake'))).rejects.toThrow('a mistake');
  });
});
