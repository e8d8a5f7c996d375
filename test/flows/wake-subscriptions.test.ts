/** Who is looked at, when, and from where on. */
import { describe, expect, it } from 'vitest';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { resumeSubscription } from '../support/resume-subscription.ts';
import { aHit, aSubscription, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const seven = hitsFrom('2026-03-01T09:00:00.000Z', 7);
const inTwos = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });
const eventIds = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).event.id);

const aPulledWorld = async () => {
  const world = aWorld({ hits: seven });
  await world.pull();
  return world;
};

describe('resuming', () => {
  it('lets a disabled subscription go on at its cursor, and nothing of the meantime is missing', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ script: ['gone'] });
    await world.deliver(inTwos, destination);
    world.source.add(aHit('meanwhile', '2026-03-01T11:59:00.000Z'));
    await world.pull();
    expect(await resumeSubscription({ ...world, journal: world.journal() }, inTwos)).toBe('disabled');
    expect(await world.wake([inTwos])).toBe(1);
    await world.deliver(inTwos, destination);
    expect(eventIds(destination.lines())).toEqual([...idsOf(seven), 'closer/meanwhile']);
  });
});

describe('registering', () => {
  it('fixes where a subscription begins before the next pull, so that "now" means now', async () => {
    const world = await aPulledWorld();
    const fromNow = aSubscription({ id: 'from-now', start: 'now' });
    expect(await registerSubscriptions({ ...world, journal: world.journal() }, [fromNow])).toEqual(['from-now']);
    expect(await registerSubscriptions({ ...world, journal: world.journal() }, [fromNow])).toEqual([]);
    world.source.add(aHit('next', '2026-03-01T11:59:00.000Z'));
    await world.pull();
    const destination = memoryDestination();
    await world.deliver(fromNow, destination);
    expect(eventIds(destination.lines())).toEqual(['closer/next']);
  });
});

describe('waking', () => {
  it('wakes whom new segments concern, and then nobody until something is due', async () => {
    const world = await aPulledWorld();
    const dead = aSubscription({ id: 'dead' });
    expect(await world.wake([inTwos, dead])).toBe(2);
    await world.deliver(inTwos, memoryDestination());
    await world.deliver(dead, memoryDestination({ otherwise: () => 'retry' }));
    expect(await world.wake([inTwos, dead])).toBe(0);
    world.clock.advance(6_000);
    expect(await world.wake([inTwos, dead])).toBe(1);
    expect(world.queue.wakeUps.at(-1)?.subscription).toBe('dead');
  });

  it('finds work whose message the queue has lost', async () => {
    const world = await aPulledWorld();
    await registerSubscriptions({ ...world, journal: world.journal() }, [inTwos]);
    await world.wake([inTwos]);
    world.clock.advance(61 * 60_000);
    expect(await world.wake([inTwos])).toBe(1);
  });
});
