import { describe, expect, it } from 'vitest';
import { rosterPartition } from '../../../shared/core/stored-subscription.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import { resumeSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import type { RecordStore } from '../../../shared/ports/record-store.ts';
import { type MemoryDestination, memoryDestination } from '../../fakes/memory-destination.ts';
import { idsIn, managedWorld, ofAcme } from '../../support/managed-world.ts';
import { aHit } from '../../support/world.ts';

const moved = { destination: { url: 'https://elsewhere.example/in', headers: null } };
type World = Awaited<ReturnType<typeof managedWorld>>;

/** A subscription whose endpoint has answered; its URL is changed, and something happens just before the new one is written. */
const movedWhile = async (between: (world: World, id: string, old: MemoryDestination) => Promise<void>) => {
  const world = await managedWorld();
  const { id } = (await world.create()).subscription;
  const old = memoryDestination({ description: 'old' });
  await world.run(id, old);
  let isFirst = true;
  const records: RecordStore = {
    ...world.records,
    compareAndSet: async (record, expected) => {
      if (isFirst && record.partition === rosterPartition('acme')) {
        isFirst = false;
        await between(world, id, old);
      }
      return world.records.compareAndSet(record, expected);
    },
  };
  return { world, id, change: () => changeSubscription({ ...world.deps(), records }, ofAcme, id, moved) };
};

const withOneMore = async (world: World): Promise<void> => {
  const atMs = world.clock.nowMs() - 1_000;
  world.source.add(aHit('one-more', new Date(atMs).toISOString()), { visibleAtMs: atMs });
  await world.pull();
};

describe('a subscription that is resumed while its URL changes', () => {
  it('sends nothing to the new URL before that has answered, although the old one has meanwhile', async () => {
    const { world, id, change } = await movedWhile(async ({ deps, run }, one, old) => {
      await resumeSubscription(deps(), ofAcme, one);
      await run(one, old);
    });
    await change();
    await withOneMore(world);
    const silent = memoryDestination({ description: 'new', onProbe: () => ({ kind: 'retry', answer: '404' }) });
    await world.run(id, silent);
    expect([silent.probes.length, idsIn(silent.accepted)]).toEqual([1, []]);
  });

  it('asks the new URL, and goes on once that has answered', async () => {
    const { world, id, change } = await movedWhile(async ({ deps }, one) => {
      await resumeSubscription(deps(), ofAcme, one);
    });
    await change();
    await withOneMore(world);
    const receiver = memoryDestination({ description: 'new' });
    await world.run(id, receiver);
    expect([receiver.probes.length, idsIn(receiver.accepted)]).toEqual([1, ['closer/one-more']]);
  });

  it('and whose change died before the state was written: nothing goes out until it is resumed and has answered', async () => {
    const { world, id, change } = await movedWhile(async ({ deps, run }, one, old) => {
      await resumeSubscription(deps(), ofAcme, one);
      await run(one, old);
    });
    let isWritten = false;
    world.records.failWhen((operation, target) => {
      if (operation === 'compareAndSet' && target.startsWith(rosterPartition('acme'))) isWritten = true;
      return isWritten && operation === 'compareAndSet' && target.startsWith('subscription/') ? 'before' : undefined;
    });
    await change().catch(() => {});
    world.records.failWhen(() => undefined);
    await withOneMore(world);
    const receiver = memoryDestination({ description: 'new' });
    await world.run(id, receiver);
    expect([receiver.probes.length, idsIn(receiver.accepted)]).toEqual([0, []]);
    await resumeSubscription(world.deps(), ofAcme, id);
    await world.run(id, receiver);
    expect([receiver.probes.length, idsIn(receiver.accepted)]).toEqual([1, ['closer/one-more']]);
  });
});
