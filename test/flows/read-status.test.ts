import { describe, expect, it } from 'vitest';
import { checkpointPartition } from '../../shared/core/checkpoint.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { everyTenant } from '../../shared/core/event.ts';
import { type Instant, instantFromMs, toInstant } from '../../shared/core/instant.ts';
import { type Reconciliation, reconcilePartition } from '../../shared/core/reconcile.ts';
import { noHash } from '../../shared/core/segment.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { eachManifest } from '../../shared/flows/journal/each-manifest.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { aSubscription, aWorld, hitsFrom } from '../support/world.ts';

const twos = { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 };

/** Three segments: five events of acme and three of bolt in each. */
const aPulledWorld = async () => {
  const world = aWorld();
  const add = async () => {
    const from = new Date(world.clock.nowMs()).toISOString();
    for (const hit of [...hitsFrom(from, 5), ...hitsFrom(from, 3, 1000, 'bolt')]) world.source.add(hit);
    world.clock.advance(60_000);
    await world.pull();
  };
  const status = (...subscriptions: readonly Subscription[]) =>
    readStatus({ journal: world.journal(), records: world.records, clock: world.clock }, subscriptions);
  const change = async (id: string, next: (state: SubscriptionState) => unknown) => {
    const record = await world.records.get(subscriptionPartition, id);
    const value = next(record?.value as SubscriptionState);
    await world.records.compareAndSet({ partition: subscriptionPartition, id, value }, record?.version ?? 0);
  };
  for (let n = 0; n < 3; n += 1) await add();
  return { ...world, add, status, change };
};

describe('status of the source', () => {
  it('says what was never pulled', async () => {
    const world = aWorld();
    const deps = { journal: world.journal(), records: world.records, clock: world.clock };
    expect(await readStatus(deps, [])).toEqual({
      source: { id: 'closer', state: 'never pulled', segments: 0, events: 0, unattributed: 0, reattributed: 0 },
      subscriptions: [],
      problems: [],
    });
  });

  it('measures the lag from the watermark, and once it was reconciled from what is complete', async () => {
    const world = await aPulledWorld();
    const before = await world.status();
    expect(before.source).toMatchObject({ state: 'pulled', segments: 3, events: 24, lagMs: 300_000 });
    expect(before.source.reconciled).toBeUndefined();
    const completeThrough = instantFromMs(world.clock.nowMs() - 900_000);
    const reconciliation: Reconciliation = {
      completeThrough,
      checkedAt: '2026-03-01T12:03:00.000Z',
      rungs: {},
      lateRecovered: 7,
      lateMissed: 2,
      removedAtSource: 1,
      exceptions: 3,
      tallied: { seq: 3, hash: noHash },
      unmended: completeThrough,
    };
    await world.records.compareAndSet({ partition: reconcilePartition, id: 'closer', value: reconciliation }, 0);
    const { source } = await world.status();
    expect(source.lagMs).toBe(900_000);
    expect(source.reconciled).toEqual({
      completeThrough,
      checkedAt: '2026-03-01T12:03:00.000Z',
      lateRecovered: 7,
      lateMissed: 2,
      removedAtSource: 1,
      exceptions: 3,
      unmended: completeThrough,
    });
  });

  it('fails when the checkpoint cannot be read, rather than to show a part', async () => {
    const world = await aPulledWorld();
    const { version = 0 } = (await world.records.get(checkpointPartition, 'closer')) ?? {};
    await world.records.compareAndSet({ partition: checkpointPartition, id: 'closer', value: {} }, version);
    await expect(world.status()).rejects.toThrow(OperatorMustFix);
  });
});

describe('the account of a subscription: journaled for it = delivered + filtered + dead letters', () => {
  const acme = aSubscription({ batch: twos });
  const operator = aSubscription({ id: 'operator', tenant: everyTenant, batch: { ...twos, maxEvents: 7 } });
  const choosy = aSubscription({ id: 'choosy', filter: { from: instant('2026-03-01T12:01:02Z') }, batch: twos });
  const late = aSubscription({ id: 'late', start: { from: instant('2026-03-01T12:01:03Z') }, batch: twos });

  it('holds wherever the cursor stands: in the middle of a segment, behind filtered events, after dead letters', async () => {
    const world = await aPulledWorld();
    const all = [acme, operator, choosy, late];
    const receivers = all.map(() => memoryDestination());
    for (let steps = 0; steps < 12; steps += 1) {
      for (const [n, subscription] of all.entries()) {
        const receiver = receivers[n] ?? memoryDestination();
        // One batch a run: accepted, or every fourth time an event that is refused for good.
        receiver.plan(steps % 4 === 3 ? 'poison' : 'delivered', 'retry');
        await world.deliver(subscription, receiver);
      }
      const { subscriptions, problems } = await world.status(...all);
      expect(problems).toEqual([]);
      for (const one of subscriptions) expect(one.journaled).toBe(one.delivered + one.filtered + one.deadLetters);
      world.clock.advance(86_400_000);
    }
    for (const [n, subscription] of all.entries())
      await world.deliver(subscription, receivers[n] ?? memoryDestination());
    const { subscriptions, problems } = await world.status(...all);
    expect(problems).toEqual([]);
    expect(subscriptions.map(({ id, journaled, waiting }) => ({ id, journaled, waiting }))).toEqual([
      { id: 'acme-soc', journaled: 15, waiting: 0 },
      { id: 'operator', journaled: 24, waiting: 0 },
      { id: 'choosy', journaled: 15, waiting: 0 },
      { id: 'late', journaled: 10, waiting: 0 },
    ]);
    expect(subscriptions[2]?.filtered).toBe(7);
    expect(subscriptions.some(({ deadLetters }) => deadLetters > 0)).toBe(true);
  });

  it('begins where the subscription began', async () => {
    const world = await aPulledWorld();
    const now = aSubscription({ id: 'now', start: 'now' });
    await registerSubscriptions({ journal: world.journal(), records: world.records }, [now]);
    await world.add();
    expect((await world.status(now)).subscriptions).toMatchObject([{ journaled: 0, waiting: 5 }]);
    await world.deliver(now, memoryDestination());
    expect((await world.status(now)).subscriptions).toMatchObject([{ journaled: 5, delivered: 5, waiting: 0 }]);
  });

  it('counts from the very event it began with', async () => {
    const world = await aPulledWorld();
    const receiver = memoryDestination();
    await world.deliver(acme, receiver);
    const begin = { segment: 2, index: 3 };
    await world.change('acme-soc', (state) => ({ ...state, begin, counts: { ...state.counts, delivered: 7 } }));
    const { subscriptions, problems } = await world.status(acme);
    expect({ subscriptions, problems }).toMatchObject({ subscriptions: [{ journaled: 7 }], problems: [] });
  });

  it.each<[string, (state: SubscriptionState) => unknown, string]>([
    [
      'too many were counted',
      (state) => ({ ...state, counts: { ...state.counts, delivered: 17 } }),
      '15 journaled for it, 17 delivered + 0 filtered + 0 dead letters = 17, 2 too many',
    ],
    [
      'a cursor moved over events that nobody counted',
      (state) => ({ ...state, counts: { ...state.counts, delivered: 12 } }),
      '15 journaled for it, 12 delivered + 0 filtered + 0 dead letters = 12, 3 too few',
    ],
    [
      'a cursor was set back',
      (state) => ({ ...state, cursor: { segment: 3, index: 1 } }),
      '11 journaled for it, 15 delivered + 0 filtered + 0 dead letters = 15, 4 too many',
    ],
  ])('is a problem that names the subscription and the difference when %s', async (_, spoil, sentence) => {
    const world = await aPulledWorld();
    await world.deliver(acme, memoryDestination());
    await world.deliver(operator, memoryDestination());
    await world.change('acme-soc', spoil);
    const { problems } = await world.status(acme, operator);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(`The account of subscription "acme-soc" does not add up: ${sentence}`);
  });

  it('shows the others when the state of one cannot be used', async () => {
    const world = await aPulledWorld();
    await world.deliver(acme, memoryDestination());
    await world.deliver(operator, memoryDestination());
    await world.change('acme-soc', () => ({}));
    const { subscriptions, problems } = await world.status(acme, operator);
    expect(subscriptions.map(({ id }) => id)).toEqual(['operator']);
    expect(problems).toEqual([
      expect.stringContaining('The state of subscription "acme-soc" in memory cannot be read'),
    ]);
  });
});

describe('the manifests', () => {
  it('are read once each for all subscriptions, some at a time, in order', async () => {
    const world = aWorld();
    for (let n = 0; n < 50; n += 1) {
      for (const hit of hitsFrom(new Date(world.clock.nowMs()).toISOString(), 1)) world.source.add(hit);
      world.clock.advance(60_000);
      await world.pull();
    }
    const subscriptions = ['a', 'b', 'c'].map((id) => aSubscription({ id }));
    const { reads, most, journal } = watched(world);
    await readStatus({ journal, records: world.records, clock: world.clock }, subscriptions);
    expect([...reads.values()].filter((count) => count !== 1)).toEqual([]);
    expect(reads.size).toBe(50);
    expect(most()).toBeGreaterThan(4);
    expect(most()).toBeLessThanOrEqual(16);
    const order: number[] = [];
    for await (const { seq } of eachManifest(journal, { from: 3, to: 40 })) order.push(seq);
    expect(order).toEqual(Array.from({ length: 38 }, (_, n) => n + 3));
  });
});

/** A journal that tells how often each manifest was fetched, and how many at once. */
const watched = (world: ReturnType<typeof aWorld>) => {
  const reads = new Map<string, number>();
  let under = 0;
  let most = 0;
  const store: typeof world.blobs = {
    ...world.blobs,
    get: async (name, range) => {
      under += 1;
      most = Math.max(most, under);
      await Promise.resolve();
      try {
        const bytes = await world.blobs.get(name, range);
        if (bytes && name.startsWith('manifests/')) reads.set(name, (reads.get(name) ?? 0) + 1);
        return bytes;
      } finally {
        under -= 1;
      }
    },
  };
  return { reads, most: () => most, journal: openJournal({ store, source: 'closer' }) };
};

function instant(text: string): Instant {
  const found = toInstant(text);
  if (!found) throw new Error(`no instant: ${text}`);
  return found;
}
