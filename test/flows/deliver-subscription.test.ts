import { describe, expect, it } from 'vitest';
import { everyTenant } from '../../shared/core/event.ts';
import { manifestName } from '../../shared/core/segment.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import { rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { Crash, memoryDestination } from '../fakes/memory-destination.ts';
import { aRoster } from '../support/a-roster.ts';
import { aHit, aSubscription, aWorld, hitsFrom, idsOf } from '../support/world.ts';

const seven = hitsFrom('2026-03-01T09:00:00.000Z', 7);
const inTwos = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });

const eventIds = (lines: readonly string[]): readonly string[] => lines.map((line) => JSON.parse(line).event.id);
const textOf = (line: Uint8Array): string => Buffer.from(line).toString();
const stateOf = (world: ReturnType<typeof aWorld>, id = 'acme-soc') =>
  world.records.records().find((record) => record.partition === 'subscription' && record.id === id)
    ?.value as SubscriptionState;

const aPulledWorld = async (hits = seven) => {
  const world = aWorld({ hits });
  await world.pull();
  return world;
};

describe('deliver carries the journal to a subscription', () => {
  it('sends everything once, in order, in batches of the size asked for', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination();
    const line = await world.deliver(inTwos, destination);
    expect(destination.accepted.map((batch) => batch.lines.length)).toEqual([2, 2, 2, 1]);
    expect(eventIds(destination.lines())).toEqual(idsOf(seven));
    expect(destination.accepted.map(({ sequence }) => sequence)).toEqual([1, 2, 3, 4]);
    expect(line).toMatchObject({
      result: 'caught up',
      batches: 4,
      delivered: 7,
      lagSegments: 0,
      oldestUndeliveredMs: 0,
    });
  });

  it('sends nothing when nothing is new', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination();
    await world.deliver(inTwos, destination);
    await world.deliver(inTwos, destination);
    expect(destination.attempts).toHaveLength(4);
  });

  it('gives a tenant its own events only, and an operator all of them, the unattributed too', async () => {
    const world = await aPulledWorld([
      ...seven,
      ...hitsFrom('2026-03-01T09:00:00.500Z', 3, 1000, 'bolt'),
      aHit('x', '2026-03-01T10:00:00.000Z', '_unattributed'),
    ]);
    const [acme, bolt, operator] = [memoryDestination(), memoryDestination(), memoryDestination()];
    await world.deliver(inTwos, acme);
    await world.deliver(aSubscription({ id: 'bolt', tenant: 'bolt' }), bolt);
    await world.deliver(aSubscription({ id: 'all', tenant: everyTenant }), operator);
    expect(eventIds(acme.lines())).toEqual(idsOf(seven));
    expect(bolt.lines()).toHaveLength(3);
    expect(new Set(eventIds(operator.lines())).size).toBe(11);
  });

  it('passes over what the filter does not want, and counts it', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination();
    const line = await world.deliver(aSubscription({ filter: { action: ['agent_login'] } }), destination);
    expect(destination.attempts).toHaveLength(0);
    expect(line).toMatchObject({ result: 'caught up', delivered: 0, filtered: 7 });
  });

  it('keeps a batch below its size in bytes, and still sends an event that is larger on its own', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination();
    await world.deliver(aSubscription({ batch: { maxEvents: 100, maxBytes: 1_100, maxDelaySeconds: 0 } }), destination);
    expect(destination.accepted.map((batch) => batch.lines.length)).toEqual([1, 1, 1, 1, 1, 1, 1]);
  });

  it('begins at the head of the journal, at its beginning, or at an instant', async () => {
    const world = await aPulledWorld();
    const [now, instant] = [memoryDestination(), memoryDestination()];
    const fromNow = aSubscription({ id: 'from-now', start: 'now' });
    await world.deliver(fromNow, now);
    await world.deliver(aSubscription({ id: 'from-then', start: { from: '2026-03-01T09:00:04.000Z' } }), instant);
    expect(eventIds(instant.lines())).toEqual(idsOf(seven).slice(4));
    world.source.add(aHit('new', '2026-03-01T11:59:00.000Z'));
    await world.pull();
    await world.deliver(fromNow, now);
    expect(eventIds(now.lines())).toEqual(['closer/new']);
  });

  it('lets an incomplete batch wait for company, but not longer than asked', async () => {
    const world = await aPulledWorld();
    const patient = aSubscription({ batch: { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 60 } });
    const destination = memoryDestination();
    expect((await world.deliver(patient, destination)).result).toBe('waiting');
    world.clock.advance(61_000);
    expect((await world.deliver(patient, destination)).delivered).toBe(7);
  });

  it('chains its batches: each names the hash of the one before', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination();
    await world.deliver(inTwos, destination);
    const previous = destination.accepted.map((batch) => batch.previous);
    expect(previous[0]).toBe('0'.repeat(64));
    expect(new Set(previous).size).toBe(4);
  });
});

describe('a destination that fails', () => {
  it('gets the same batch with the same id and the same lines again, by the timetable', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ script: ['retry', 'answer lost'] });
    expect((await world.deliver(inTwos, destination)).result).toBe('waiting');
    expect((await world.deliver(inTwos, destination)).result).toBe('waiting');
    expect(destination.attempts).toHaveLength(1);
    world.clock.advance(5_000);
    await world.deliver(inTwos, destination);
    world.clock.advance(5 * 60_000);
    await world.deliver(inTwos, destination);
    const [first, second, third] = destination.attempts;
    expect(second?.batch).toEqual(first?.batch);
    expect(third?.batch).toEqual(first?.batch);
    expect(destination.attempts.slice(0, 3).map(({ number }) => number)).toEqual([1, 2, 3]);
    expect(eventIds(destination.lines())).toEqual(idsOf(seven));
  });

  it('holds up no other subscription', async () => {
    const world = await aPulledWorld();
    await world.deliver(aSubscription({ id: 'dead' }), memoryDestination({ otherwise: () => 'retry' }));
    const alive = memoryDestination();
    expect((await world.deliver(aSubscription({ id: 'alive' }), alive)).delivered).toBe(7);
  });

  it('is asked again no earlier than it wished', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ script: [{ kind: 'throttled', answer: '429', retryAfterMs: 600_000 }] });
    await world.deliver(inTwos, destination);
    world.clock.advance(599_000);
    expect((await world.deliver(inTwos, destination)).result).toBe('waiting');
    world.clock.advance(200_000);
    expect((await world.deliver(inTwos, destination)).delivered).toBe(7);
  });

  it('is paused and the operator told when its settings are wrong; mended, it goes on where it stopped', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ script: [{ kind: 'misconfigured', answer: '401 Unauthorized' }] });
    await world.deliver(inTwos, destination);
    expect(stateOf(world).health.status).toBe('paused');
    expect(world.notices.at(-1)?.message).toContain('paused');
    world.clock.advance(2 * 3_600_000);
    await world.deliver(inTwos, destination);
    expect(eventIds(destination.lines())).toEqual(idsOf(seven));
    expect(stateOf(world).health.status).toBe('active');
  });

  it('is left alone for good once it answers 410', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ script: ['gone'] });
    await world.deliver(inTwos, destination);
    world.clock.advance(48 * 3_600_000);
    expect((await world.deliver(inTwos, destination)).result).toBe('disabled');
    expect(destination.attempts).toHaveLength(1);
    expect(stateOf(world).cursor).toEqual({ segment: 1, index: 0 });
  });

  it('is disabled after five days without a success, its cursor kept, the operator told on the fourth failure and daily', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ otherwise: () => 'retry' });
    for (let hour = 0; hour < 24 * 8; hour += 1) {
      await world.deliver(inTwos, destination);
      world.clock.advance(3_600_000);
    }
    expect(stateOf(world).health.status).toBe('disabled');
    expect(stateOf(world).cursor).toEqual({ segment: 1, index: 0 });
    const told = world.notices.filter(({ level }) => level === 'error').map(({ message }) => message);
    expect(told[0]).toContain('attempt 4 in a row');
    expect(told.at(-1)).toContain('disabled after 5 days');
    expect(told.length).toBeGreaterThanOrEqual(4);
  });

  it('gets smaller batches, under other ids, when one was too large', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({
      otherwise: (batch) => (batch.lines.length > 2 ? 'too large' : 'delivered'),
    });
    await world.deliver(aSubscription(), destination);
    expect(eventIds(destination.lines())).toEqual(idsOf(seven));
    const contents = new Map<string, string>();
    for (const { batch } of destination.attempts) {
      const content = Buffer.concat(batch.lines).toString();
      expect(contents.get(batch.id) ?? content).toBe(content);
      contents.set(batch.id, content);
    }
  });

  it('comes back within a minute when a run ends between two halvings', async () => {
    const world = await aPulledWorld();
    let remaining = 100_000;
    const tooLarge = memoryDestination({
      otherwise: () => {
        remaining = 10_000;
        return 'too large';
      },
    });
    const line = await world.deliver(aSubscription(), tooLarge, { remainingMs: () => remaining });
    expect(line).toMatchObject({ result: 'out of time', batches: 0 });
    expect(await world.records.due('subscription', world.clock.nowMs() + 60_000, 10)).toHaveLength(1);
  });

  it('loses one event it can never accept to the dead letters, with its answer, and gets the rest', async () => {
    const world = await aPulledWorld();
    const poisoned = idsOf(seven)[3] ?? '';
    const destination = memoryDestination({
      otherwise: (batch) =>
        batch.lines.some((line) => Buffer.from(line).includes(`"${poisoned}"`))
          ? { kind: 'poison', answer: '422 bad field' }
          : 'delivered',
    });
    const line = await world.deliver(aSubscription(), destination);
    expect(eventIds(destination.lines())).toEqual(idsOf(seven).filter((id) => id !== poisoned));
    expect(line).toMatchObject({ delivered: 6, deadLetters: 1 });
    const letters = world.records.records().filter(({ partition }) => partition === 'dead-letter/acme-soc');
    expect(letters.map(({ value }) => value)).toMatchObject([{ event: poisoned, answer: '422 bad field' }]);
  });

  it('that refuses every single event is paused before it has eaten the stream', async () => {
    const world = await aPulledWorld();
    const line = await world.deliver(aSubscription(), memoryDestination({ otherwise: () => 'poison' }));
    expect(line).toMatchObject({ result: 'waiting', deadLetters: 3 });
    expect(stateOf(world).health.status).toBe('paused');
    expect(stateOf(world).cursor).toEqual({ segment: 1, index: 3 });
  });
});

describe('a deliverer that dies', () => {
  it.each(['crash before', 'crash after'] as const)(
    'at the "%s": the claim runs out, then the same bytes go under the same id',
    async (moment) => {
      const world = await aPulledWorld();
      const destination = memoryDestination({ script: [moment] });
      await expect(world.deliver(inTwos, destination)).rejects.toThrow(Crash);
      expect((await world.deliver(inTwos, destination)).result).toBe('claimed by another');
      expect(await world.wake([inTwos])).toBe(1);
      world.clock.advance(61_000);
      await world.deliver(inTwos, destination);
      expect(destination.attempts[1]?.batch).toEqual(destination.attempts[0]?.batch);
      expect(eventIds(destination.lines())).toEqual(idsOf(seven));
    },
  );

  it('two at once send one request per batch', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination();
    await Promise.all([1, 2, 3, 4].map(() => world.deliver(inTwos, destination)));
    expect(new Set(destination.attempts.map(({ batch }) => batch.id)).size).toBe(destination.attempts.length);
  });

  it('forms the batch anew, under another id, when the filter changed between two attempts', async () => {
    const world = await aPulledWorld();
    const destination = memoryDestination({ script: ['answer lost'] });
    await world.deliver(inTwos, destination);
    world.clock.advance(60_000);
    await world.deliver({ ...inTwos, filter: { kind: ['event'] } }, destination);
    const [first, second] = destination.attempts;
    expect(second?.batch.id).not.toBe(first?.batch.id);
  });

  it('is given no other content under an id, even when the journal was cut and has grown again', async () => {
    const world = await aPulledWorld(seven.slice(0, 3));
    const destination = memoryDestination({ script: ['delivered', 'delivered', 'answer lost'] });
    await world.deliver(inTwos, destination);
    for (const hit of hitsFrom('2026-03-01T11:58:00.000Z', 2)) world.source.add(hit);
    await world.pull();
    await world.deliver(inTwos, destination);
    world.blobs.lose(manifestName('closer', 2));
    for (const { _index, _id } of hitsFrom('2026-03-01T11:58:00.000Z', 2)) world.source.remove(_index, _id);
    for (const hit of hitsFrom('2026-03-01T11:58:30.000Z', 2)) world.source.add(hit);
    await rebuildCheckpoint({ ...world, journal: world.journal(), roster: aRoster([]) });
    await world.pull();
    world.clock.advance(60_000);
    await world.deliver(inTwos, destination);
    const [, , lost, again] = destination.attempts;
    expect(eventIds(again?.batch.lines.map(textOf) ?? [])).not.toEqual(eventIds(lost?.batch.lines.map(textOf) ?? []));
    expect(again?.batch.id).not.toBe(lost?.batch.id);
  });
});
