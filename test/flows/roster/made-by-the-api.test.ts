/** A subscription made by the API is woken, signed for and repaired like one of the settings' file. */
import { describe, expect, it } from 'vitest';
import { deliverHandler } from '../../../functions/deliver/handler.ts';
import { endpointOf } from '../../../shared/core/endpoint.ts';
import { storedId } from '../../../shared/core/stored-subscription.ts';
import { freshState, type SubscriptionState, subscriptionPartition } from '../../../shared/core/subscription-state.ts';
import { storeState } from '../../../shared/flows/deliver/load-state.ts';
import { rebuildCheckpoint } from '../../../shared/flows/rebuild-checkpoint.ts';
import { openRoster } from '../../../shared/flows/roster.ts';
import { signHead } from '../../../shared/flows/sign-head.ts';
import { wakeSubscriptions } from '../../../shared/flows/wake-subscriptions.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { storeAsApi } from '../../support/stored-subscriptions.ts';
import { aHit, aSubscription, aWorld, hitsFrom } from '../../support/world.ts';

const id = storedId('acme', 'abcdefghijkl');
const destination = {
  type: 'webhook',
  url: 'https://hooks.acme.example/in/canary',
  headers: { 'X-Key': 'canary' },
} as const;
const ofApi = aSubscription({ id, destination });
const soon = { getRemainingTimeInMillis: () => 300_000 };

const aManagedWorld = async () => {
  const world = aWorld({ hits: hitsFrom('2026-03-01T11:00:00Z', 3) });
  await world.pull();
  const secrets = memorySecrets({ rootKey: 'r'.repeat(44) });
  await storeState(world.records, id, freshState({ segment: 1, index: 0 }), 0, undefined);
  await storeAsApi({ ...world, secrets }, ofApi);
  const roster = openRoster({ ...world, secrets, fromFile: [] });
  const deps = () => ({ ...world, secrets, roster, journal: world.journal(), journalStore: world.blobs });
  return {
    ...world,
    secrets,
    roster,
    wakeAll: () => wakeSubscriptions(deps()),
    sign: () => signHead(deps()),
    rebuild: () => rebuildCheckpoint(deps()),
    state: async () => (await world.records.get(subscriptionPartition, id))?.value as SubscriptionState,
  };
};

describe('a subscription made by the API', () => {
  it('is woken by the segments of its tenant, and by no others', async () => {
    const world = await aManagedWorld();
    expect(await world.wakeAll()).toBe(1);
    await world.deliver(ofApi, memoryDestination());
    world.source.add(aHit('of-bolt', '2026-03-01T11:59:00.000Z', 'bolt'));
    await world.pull();
    expect(await world.wakeAll()).toBe(0);
    world.source.add(aHit('of-acme', '2026-03-01T11:59:01.000Z'));
    await world.pull();
    expect(await world.wakeAll()).toBe(1);
  });

  it('is delivered to by the deliver function, with its credentials, by message and without', async () => {
    const world = await aManagedWorld();
    const opened: unknown[] = [];
    const receiver = memoryDestination();
    const run = deliverHandler(
      Promise.resolve({
        records: world.records,
        roster: world.roster,
        queue: world.queue,
        clock: world.clock,
        telemetry: world.telemetry,
        journal: world.journal(),
        destinationOf: async (subscription) => {
          opened.push(subscription.destination);
          return receiver;
        },
      }),
    );
    const Records = [id, storedId('acme', 'zzzzzzzzzzzz')].map((subscription, n) => ({
      messageId: `${n}`,
      body: JSON.stringify({ subscription, reason: 'new' }),
    }));
    expect(await run({ Records }, soon)).toEqual({ batchItemFailures: [] });
    expect(receiver.lines()).toHaveLength(3);
    expect(await run({}, soon)).toMatchObject({ subscriptions: [{ subscription: id }] });
    expect(opened).toEqual([destination, destination]);
    expect(world.notices).toEqual([{ level: 'warn', message: expect.stringContaining('is there no more') }]);
  });

  it('is in every signed head', async () => {
    const world = await aManagedWorld();
    await world.deliver(ofApi, memoryDestination());
    const { signed } = await world.sign();
    expect(signed.head.subscriptions).toMatchObject([{ id, tenant: 'acme', sequence: 1 }]);
  });

  it('that was deleted is missing from the next head, and nobody takes its state for lost', async () => {
    const world = await aManagedWorld();
    await world.deliver(ofApi, memoryDestination());
    await world.sign();
    world.records.lose('roster/acme', id);
    world.records.lose(subscriptionPartition, id);
    world.clock.advance(1000);
    expect((await world.sign()).signed.head.subscriptions).toEqual([]);
  });

  it('whose state is lost goes on where the head saw it, once its endpoint has proved itself again', async () => {
    const world = await aManagedWorld();
    await world.deliver(ofApi, memoryDestination());
    await world.sign();
    world.records.lose(subscriptionPartition, id);
    expect((await world.rebuild()).subscriptions).toEqual([{ id, became: 'signed', sequence: 1 }]);
    expect(await world.state()).toMatchObject({ sequence: 1, hold: { kind: 'pending' } });
    expect(await world.wakeAll(), 'the challenge is sent').toBe(1);
  });

  it('whose state is lost before any head was signed begins anew, and sends nothing to who has not proved himself', async () => {
    const world = await aManagedWorld();
    world.records.lose(subscriptionPartition, id);
    expect((await world.rebuild()).subscriptions).toEqual([{ id, became: 'restarted', sequence: 0 }]);
    const { hold } = await world.state();
    expect(hold).toMatchObject({ kind: 'pending', token: expect.stringMatching(/^[\w-]{43}$/) });
    const receiver = memoryDestination();
    const silent = { ...receiver, probe: async () => ({ kind: 'retry', answer: 'It did not repeat it.' }) as const };
    await world.deliver(ofApi, silent);
    expect(receiver.lines()).toEqual([]);
  });

  it('whose state was lost is challenged at the URL that the repair saw, and at no URL before it', async () => {
    const world = await aManagedWorld();
    world.records.lose(subscriptionPartition, id);
    await world.rebuild();
    expect((await world.state()).hold).toMatchObject({ endpoint: endpointOf(destination.url) });
    const before = { ...ofApi, destination: { ...destination, url: 'https://hooks.acme.example/before' } };
    const stale = memoryDestination();
    expect((await world.deliver(before, stale)).result).toBe('conflict');
    expect(stale.probes).toEqual([]);
    const receiver = memoryDestination();
    await world.deliver(ofApi, receiver);
    expect(receiver.lines()).toHaveLength(3);
  });

  it('whose state and root key were lost is challenged at whichever URL it has, and no repair stops at it', async () => {
    const world = await aManagedWorld();
    world.records.lose(subscriptionPartition, id);
    for (const other of ['s', 't']) world.secrets.rotate('rootKey', other.repeat(44));
    expect((await world.rebuild()).subscriptions).toEqual([{ id, became: 'restarted', sequence: 0 }]);
    expect((await world.state()).hold).not.toHaveProperty('endpoint');
  });

  it('whose state is good is left alone by a repair', async () => {
    const world = await aManagedWorld();
    await world.deliver(ofApi, memoryDestination());
    const before = await world.state();
    expect((await world.rebuild()).subscriptions).toEqual([]);
    expect(await world.state()).toEqual(before);
  });
});
