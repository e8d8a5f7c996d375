/** What pollers do and what is done to what they poll: races, absence, pauses, replays. */
import { describe, expect, it } from 'vitest';
import { chainHash, type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { aPolledWorld, batchIn, drained, idsIn, inTwos } from '../support/polled-world.ts';
import { hitsFrom, idsOf } from '../support/world.ts';

const seven = hitsFrom('2026-03-01T09:00:00.000Z', 7);
const dayMs = 24 * 3_600_000;

describe('a replay of what is polled', () => {
  const set = async (world: Awaited<ReturnType<typeof aPolledWorld>>, change: Partial<SubscriptionState>) => {
    const version = (await world.records.get(subscriptionPartition, inTwos.id))?.version ?? 0;
    const value = { ...(await world.state()), ...change };
    await world.records.compareAndSet({ partition: subscriptionPartition, id: inTwos.id, value }, version);
  };

  it('begins once what was handed out is acknowledged, and goes on afterwards where it was', async () => {
    const world = await aPolledWorld({ hits: seven });
    const one = batchIn(await world.poll());
    const second = batchIn(await world.poll({ acknowledge: one.id }));
    await set(world, { replay: { from: { segment: 1, index: 0 }, until: { segment: 1, index: 2 } } });
    expect(batchIn(await world.poll()).id, 'what is handed out stays so').toBe(second.id);
    const again = await world.poll({ acknowledge: second.id });
    expect(again).toMatchObject({
      acknowledged: 'now',
      batch: { sequence: 3, previous: chainHash(second.previous, second.sha256) },
    });
    expect(idsIn(batchIn(again).body)).toEqual(idsIn(one.body));
    expect(batchIn(again).id).not.toBe(one.id);
    const after = await world.poll({ acknowledge: batchIn(again).id });
    expect(idsIn(batchIn(after).body)).toEqual(idsOf(seven).slice(4, 6));
    expect((await world.state()).counts).toEqual({ delivered: 4, filtered: 0, deadLetters: 0 });
  });

  it('of which nothing is wanted is over at once', async () => {
    const world = await aPolledWorld({ hits: seven });
    const picky = { ...inTwos, filter: { action: ['agent_login'] } };
    await drained(world);
    await set(world, { replay: { from: { segment: 1, index: 0 }, until: { segment: 1, index: 2 } } });
    expect(await world.poll({ as: picky })).toEqual({ kind: 'nothing' });
    expect(await world.state()).toMatchObject({ counts: { delivered: 7, filtered: 0 }, cursor: { segment: 2 } });
    expect((await world.state()).replay).toBeUndefined();
  });
});

describe('two pollers at once', () => {
  it('are given the same batch, and one of two acknowledgements is the one that counts', async () => {
    const world = await aPolledWorld({ hits: seven });
    const [a, b] = await Promise.all([world.poll(), world.poll()]);
    expect(batchIn(a)).toEqual(batchIn(b));
    const { id } = batchIn(a);
    const both = await Promise.all([world.poll({ acknowledge: id }), world.poll({ acknowledge: id })]);
    expect(both.map(({ acknowledged }) => acknowledged).sort()).toEqual(['before', 'now']);
    expect(batchIn(both[0]).id).toBe(batchIn(both[1]).id);
    expect((await world.state()).counts.delivered).toBe(2);
  });
});

describe('a subscription that hands nothing out', () => {
  it('is one that somebody paused; what was acknowledged is recorded all the same', async () => {
    const world = await aPolledWorld({ hits: seven });
    const { id } = batchIn(await world.poll());
    const record = await world.records.get(subscriptionPartition, inTwos.id);
    const hold = { kind: 'paused', by: 'operator', sinceMs: 0, reason: 'moving house' } as const;
    const value = { ...(await world.state()), hold };
    await world.records.compareAndSet({ partition: subscriptionPartition, id: inTwos.id, value }, record?.version ?? 0);
    expect(await world.poll()).toEqual({ kind: 'paused', reason: 'moving house' });
    expect(await world.poll({ acknowledge: id })).toMatchObject({ kind: 'paused', acknowledged: 'now' });
    expect(await world.state()).toMatchObject({ sequence: 1, hold });
  });

  it('is one that was deleted a moment ago, and it does not come back to life', async () => {
    const world = await aPolledWorld({ hits: seven });
    world.records.lose(subscriptionPartition, inTwos.id);
    expect(await world.poll({ acknowledge: 'msg_x' })).toEqual({ kind: 'nothing' });
    expect(await world.state()).toBeUndefined();
  });
});

describe('a poller that stays away', () => {
  it('is told to the operator after 5 days and daily, and its subscription is never disabled', async () => {
    const world = await aPolledWorld({ hits: seven });
    const look = () => world.deliver(inTwos, memoryDestination());
    const told = () => world.alerts.filter(({ text }) => text.includes('nothing was acknowledged'));
    await look();
    world.clock.advance(5 * dayMs - 1000);
    await look();
    expect(told()).toEqual([]);
    world.clock.advance(1000);
    await look();
    await look();
    expect(told().map(({ text }) => text)).toEqual([expect.stringContaining('for 5 days')]);
    world.clock.advance(dayMs);
    await look();
    expect(told()).toHaveLength(2);
    world.clock.advance(20 * dayMs);
    await look();
    expect((await drained(world)).flatMap(({ body }) => idsIn(body))).toEqual(idsOf(seven));
    expect((await world.state()).health).toEqual({
      status: 'active',
      failures: 0,
      deadLettersInARow: 0,
      lastSuccessAtMs: world.clock.nowMs(),
    });
  });

  it('brings the subscription back by the due index, without a scan', async () => {
    const world = await aPolledWorld({ hits: seven });
    await world.deliver(inTwos, memoryDestination());
    const due = async () => world.records.due(subscriptionPartition, world.clock.nowMs(), 10);
    expect(await due()).toEqual([]);
    world.clock.advance(5 * dayMs);
    expect(await due()).toEqual([inTwos.id]);
    await drained(world);
    world.clock.advance(50 * dayMs);
    expect(await due()).toEqual([]);
  });
});
