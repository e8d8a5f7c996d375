/** State that is not as it must be: every flow says so and stops, and what repairs it loses nothing. */
import { describe, expect, it } from 'vitest';
import { type Checkpoint, checkpointPartition } from '../../shared/core/checkpoint.ts';
import { everyTenant } from '../../shared/core/event.ts';
import { instantFromMs } from '../../shared/core/instant.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { wakePartition } from '../../shared/flows/wake/wake-record.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { pulled, repairs, sign, soc, stateIn } from '../support/damaged-world.ts';
import { aSubscription } from '../support/world.ts';

describe('a record of the state that cannot be read', () => {
  it.each<[string, unknown]>([
    ['empty', {}],
    ['no object', 'x'],
    ['without a head', { begin: instantFromMs(0), watermark: instantFromMs(0), scannedAt: '', exceptions: [] }],
    [
      'with a watermark that is none',
      { begin: instantFromMs(0), watermark: 'soon', head: 1, scannedAt: '', exceptions: [] },
    ],
  ])('stops the pull when it is the checkpoint: %s', async (_, value) => {
    const world = await pulled(3);
    await world.write(checkpointPartition, 'closer', value);
    await world.expectStopped(['pull'], 'The checkpoint of source "closer" in memory cannot be read', repairs);
    await world.rebuild();
    await world.expectWhole();
  });

  it.each<[string, (state: SubscriptionState) => unknown]>([
    ['empty', () => ({})],
    ['null', () => null],
    ['with a cursor before the first segment', (state) => ({ ...state, cursor: { segment: 0, index: 0 } })],
    ['with a negative count', (state) => ({ ...state, counts: { ...state.counts, filtered: -1 } })],
    ['with a chain that is none', (state) => ({ ...state, chain: 'x' })],
    ['of an unknown health', (state) => ({ ...state, health: { ...state.health, status: 'well' } })],
  ])('stops the deliveries when it is a subscription: %s', async (_, spoil) => {
    const world = await pulled(3);
    await world.deliver();
    await world.write(subscriptionPartition, soc.id, spoil(stateIn(world.stateOf())));
    expect(await world.wake([soc]), 'somebody looks, and says it').toBe(1);
    await world.expectStopped(['deliver'], 'The state of subscription "soc" in memory cannot be read', repairs);
    expect((await world.rebuild()).subscriptions).toMatchObject([{ id: 'soc', became: 'restarted' }]);
    await world.expectWhole();
  });
});

describe('a record that can be made anew by looking', () => {
  it('costs a look when it cannot be read: everybody who has something to do is woken', async () => {
    for (const value of [{}, 'x', { head: 'x', roster: '', lookedAtMs: 0 }]) {
      const world = await pulled(2);
      await world.wake([soc]);
      await world.write(wakePartition, 'closer', value);
      expect(await world.wake([soc])).toBe(1);
      expect(await world.wake([soc])).toBe(0);
    }
  });
});

describe('state that is gone while the journal is there', () => {
  it('begins nothing anew, neither a source nor a subscription that begins now', async () => {
    const world = await pulled(3);
    await world.deliver();
    world.records.lose(checkpointPartition, 'closer');
    world.records.lose(subscriptionPartition, soc.id);
    await world.expectStopped(['pull', 'deliver'], repairs);
    const now = { ...soc, start: 'now' } as const;
    const { journal, records } = world;
    expect(await registerSubscriptions({ journal: journal(), records }, [now])).toEqual([]);
    const left = world.records.records().filter(({ partition }) => !/^(attempt\/|wake$)/.test(partition));
    expect(left).toEqual([]);
    await world.rebuild([now]);
    await world.expectWhole();
  });

  it('holds up nobody else: the pull goes on, and who is new is registered', async () => {
    const world = await pulled(2);
    await world.deliver();
    await sign(world);
    world.records.lose(subscriptionPartition, soc.id);
    const fresh = aSubscription({ id: 'fresh', tenant: everyTenant });
    const { journal, records } = world;
    expect(await registerSubscriptions({ journal: journal(), records }, [soc, fresh])).toEqual(['fresh']);
    await world.add();
    const receiver = memoryDestination();
    await world.deliver(fresh, receiver);
    expect(receiver.lines()).toHaveLength(15);
    expect(await world.wake([soc, fresh]), 'somebody looks, and says it').toBe(1);
    await world.expectStopped(['deliver'], 'is missing, but the head signed at', repairs);
    await world.rebuild();
    await world.expectWhole();
  });

  it('lets a subscription that was never seen begin where it says, also while another is repaired', async () => {
    const world = await pulled(3);
    await world.write(subscriptionPartition, soc.id, {});
    const fresh = aSubscription({ id: 'fresh', tenant: everyTenant, start: 'now' });
    expect((await world.rebuild([soc, fresh])).subscriptions.map(({ id }) => id)).toEqual(['soc']);
    const receiver = memoryDestination();
    await world.deliver(fresh, receiver);
    await world.add();
    await world.deliver(fresh, receiver);
    expect(receiver.lines()).toHaveLength(5);
  });
});

describe('a checkpoint that the journal or the clock contradicts', () => {
  it('stops the pull when it is in the future, and goes back to the last one that was not', async () => {
    const world = await pulled(2);
    world.clock.advance(365 * 86_400_000);
    await world.add();
    await world.add();
    world.clock.advance(-365 * 86_400_000);
    await world.expectStopped(['pull'], 'is in the future (2027-', repairs);
    const { checkpoint } = await world.rebuild();
    expect(checkpoint).toMatchObject({ head: 4, watermark: '2026-03-01T11:57:00.000000000Z' });
    await world.expectWhole();
  });

  it('stops every flow when it names a segment that the journal has lost, and reads its events again', async () => {
    const world = await pulled(3);
    await world.wake([soc]);
    await world.deliver();
    for (const name of world.blobs.names().filter((each) => /0{11}[23]/.test(each))) world.blobs.lose(name);
    await world.expectStopped(['pull'], 'Segment 3 of source "closer" was appended', world.manifestAt(3), repairs);
    await world.expectStopped(['deliver'], 'stands behind segment 3, which is not in memory', repairs);
    expect(await world.rebuild()).toMatchObject({
      checkpoint: { head: 1 },
      subscriptions: [{ id: 'soc', became: 'shortened', sequence: 8 }],
    });
    expect(await world.wake([soc])).toBe(0);
    await world.expectWhole();
    expect(world.receiver.accepted.at(-1)?.sequence).toBeGreaterThan(8);
    const status = await readStatus(world.deps(), [soc]);
    expect(status.problems).toEqual([]);
  });

  it('goes on from a restored old checkpoint without a gap and without a double, exceptions included', async () => {
    const world = await pulled(1);
    const old = (await world.records.get(checkpointPartition, 'closer'))?.value as Checkpoint;
    world.source.add({ _index: 'closer', _id: 'timeless', _source: { tenant: 'acme' } });
    world.all.push('closer/timeless');
    for (let n = 0; n < 4; n += 1) await world.add();
    await world.write(checkpointPartition, 'closer', old);
    await world.expectWhole();
  });
});
