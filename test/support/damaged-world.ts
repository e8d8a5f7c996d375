/** A world whose state and journal are damaged on purpose: who stops, and whether everything arrives once it is mended. */
import { expect } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { everyTenant } from '../../shared/core/event.ts';
import { manifestName } from '../../shared/core/segment.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import { rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { signHead } from '../../shared/flows/sign-head.ts';
import type { StoredRecord } from '../../shared/ports/record-store.ts';
import { memoryDestination } from '../fakes/memory-destination.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aRoster } from './a-roster.ts';
import { aSubscription, aWorld, hitsFrom, idsOf } from './world.ts';

export const soc = aSubscription({
  id: 'soc',
  tenant: everyTenant,
  batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 },
});
export const repairs = 'npx sluice rebuild-checkpoint';

/** A world that has pulled `segments` times, five events each, a minute apart; nothing is delivered yet. */
export const pulled = async (segments: number) => {
  const world = aWorld();
  const receiver = memoryDestination();
  const all: string[] = [];
  const add = async () => {
    const hits = hitsFrom(new Date(world.clock.nowMs()).toISOString(), 5);
    for (const hit of hits) world.source.add(hit);
    all.push(...idsOf(hits));
    world.clock.advance(60_000);
    await world.pull();
  };
  await registerSubscriptions({ journal: world.journal(), records: world.records }, [soc]);
  for (let n = 0; n < segments; n += 1) await add();
  const deliver = (subscription = soc, to = receiver) => world.deliver(subscription, to);
  const rebuild = (subscriptions: readonly Subscription[] = [soc]) =>
    rebuildCheckpoint({ ...world, journal: world.journal(), roster: aRoster(subscriptions) });
  const manifestAt = (seq: number) => manifestName('closer', seq);
  const stateOf = () => world.records.records().find(({ partition }) => partition === subscriptionPartition);
  const write = async (partition: string, id: string, value: unknown) => {
    const version = (await world.records.get(partition, id))?.version ?? 0;
    expect(await world.records.compareAndSet({ partition, id, value }, version)).toBe('stored');
  };
  /** Once more everything runs, and everything is journaled once and has arrived. */
  const expectWhole = async () => {
    await add();
    await deliver();
    expect([...(await world.journaled())].sort()).toEqual([...all].sort());
    expect(new Set(idsIn(receiver.accepted.flatMap(({ lines }) => lines)))).toEqual(new Set(all));
  };
  /** Nobody goes on: each flow says what is wrong. */
  const expectStopped = async (flows: readonly ('pull' | 'deliver')[], ...words: readonly string[]) => {
    const before = { journaled: world.blobs.names(), records: world.records.records() };
    for (const flow of flows) {
      const failed = await (flow === 'pull' ? world.pull() : deliver()).then(
        () => `${flow} went on`,
        (error: unknown) => {
          expect(error).toBeInstanceOf(OperatorMustFix);
          return (error as OperatorMustFix).message;
        },
      );
      for (const word of words) expect(failed).toContain(word);
    }
    expect({ journaled: world.blobs.names(), records: world.records.records() }).toEqual(before);
  };
  const deps = () => ({ journal: world.journal(), records: world.records, clock: world.clock });
  return {
    ...world,
    deps,
    receiver,
    all,
    add,
    deliver,
    rebuild,
    manifestAt,
    stateOf,
    write,
    expectWhole,
    expectStopped,
  };
};

type World = Awaited<ReturnType<typeof pulled>>;

const idsIn = (lines: readonly Uint8Array[]): readonly string[] =>
  lines.map((line) => JSON.parse(Buffer.from(line).toString()).event.id);

export const stateIn = (record: Pick<StoredRecord, 'value'> | undefined): SubscriptionState => {
  if (!record) throw new Error('the subscription has a state');
  return record.value as SubscriptionState;
};

/** @returns when it was signed */
export const sign = async (world: World): Promise<string> => {
  const secrets = memorySecrets({ rootKey: 'r'.repeat(32) });
  const { signed } = await signHead({
    ...world.deps(),
    journalStore: world.blobs,
    secrets,
    roster: aRoster([soc]),
  });
  return signed.head.at;
};
