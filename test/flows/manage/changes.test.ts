import { describe, expect, it } from 'vitest';
import { BadBody } from '../../../shared/core/bad-body.ts';
import { pointerTo } from '../../../shared/core/json-pointer.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import { deleteSubscription } from '../../../shared/flows/manage/delete-subscription.ts';
import { pauseSubscription, resumeSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import { readAudit } from '../../../shared/flows/manage/read-audit.ts';
import { readSubscription } from '../../../shared/flows/manage/read-subscriptions.ts';
import { sweepSubscriptions } from '../../../shared/flows/manage/sweep-subscriptions.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { aWebhookBody, doneOf, hiddenPath, managedWorld, ofAcme } from '../../support/managed-world.ts';

const hourMs = 3_600_000;

const mistakesOf = async (call: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof BadBody) return error.mistakes.map(({ path }) => pointerTo(path));
  throw new Error('nothing was wrong');
};

describe('changing a subscription', () => {
  it('is audited by the names of what differs now, and no value', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    const patch = {
      description: null,
      'no such field': null,
      batch: { maxEvents: 2, maxBytes: 5_000 },
      destination: {
        url: `https://hooks.acme.example/${hiddenPath}/2`,
        headers: { 'X-Team': 'another', 'X-New': 'n' },
      },
    };
    doneOf(await changeSubscription(world.deps(), ofAcme, id, patch));
    const event = (await readAudit(world.deps(), ofAcme, { limit: 10 })).items.at(-1);
    expect(event?.sluice.changed).toEqual([
      'batch.maxBytes',
      'description',
      'destination.headers.X-New',
      'destination.headers.X-Team',
      'destination.url',
    ]);
    expect(JSON.stringify(event)).not.toContain(hiddenPath);
  });

  it('merges the patch into what was written; what is null goes', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create({ filter: { outcome: 'failure' } });
    const patch = { description: null, filter: { outcome: null, action: ['user_login'] }, batch: { maxBytes: 5_000 } };
    const changed = doneOf(await changeSubscription(world.deps(), ofAcme, subscription.id, patch, { expected: 1 }));
    expect(changed).toMatchObject({
      version: 2,
      filter: { action: ['user_login'] },
      batch: { maxEvents: 2, maxBytes: 5_000 },
    });
    expect(changed.description).toBeUndefined();
    expect(changed.filter).not.toHaveProperty('outcome');
    expect((await world.subscriptionOf(subscription.id))?.destination).toMatchObject(aWebhookBody.destination);
  });

  it('that somebody else has changed is left alone', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create();
    const { id } = subscription;
    await changeSubscription(world.deps(), ofAcme, id, { description: 'first' }, { expected: 1 });
    const late = await changeSubscription(world.deps(), ofAcme, id, { description: 'second' }, { expected: 1 });
    expect(late).toEqual({ kind: 'changed elsewhere', version: 2 });
    expect(await deleteSubscription(world.deps(), ofAcme, id, { expected: 1 })).toEqual(late);
    expect(await world.audited()).toEqual(['subscription-created', 'subscription-changed']);
  });

  it('leaves alone who it is: id, tenant, start, type of destination', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create();
    const patch = {
      id: 'mine',
      tenant: 'bolt',
      start: 'beginning',
      destination: { type: 'poll', url: null, headers: null },
    };
    const wrong = await mistakesOf(changeSubscription(world.deps(), ofAcme, subscription.id, patch));
    expect([...wrong].sort()).toEqual(['/destination/type', '/id', '/start', '/tenant']);
    for (const patchOfNothing of [null, [], 'x', 7])
      expect(await mistakesOf(changeSubscription(world.deps(), ofAcme, subscription.id, patchOfNothing))).toEqual(['']);
  });

  it('to another URL challenges that one before anything is sent there', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create();
    await world.run(subscription.id, memoryDestination());
    const moved = { destination: { url: 'https://other.acme.example/elsewhere', headers: null } };
    expect(doneOf(await changeSubscription(world.deps(), ofAcme, subscription.id, moved))).toMatchObject({
      state: 'pending',
    });
    await world.pull();
    const silent = memoryDestination({ onProbe: () => ({ kind: 'retry', answer: 'no token' }) });
    await world.run(subscription.id, silent);
    expect(silent.attempts).toEqual([]);
    expect(silent.probes).toHaveLength(1);
  });

  it('to another URL is not proven by the endpoint before it', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create();
    const { id } = subscription;
    await world.run(id, memoryDestination());
    const before = await world.subscriptionOf(id);
    await changeSubscription(world.deps(), ofAcme, id, {
      destination: { url: 'https://other.acme.example/elsewhere', headers: null },
    });
    if (!before) throw new Error('it was there');
    // A deliverer that has read the subscription before the change, and its state after it.
    const stale = memoryDestination();
    expect((await world.deliver(before, stale)).result).toBe('conflict');
    expect(stale.probes).toEqual([]);
    expect((await world.state(id)).hold?.kind).toBe('pending');
  });

  it('to another URL keeps a pause, and asks for the challenge once it is resumed', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.run(id, memoryDestination());
    await pauseSubscription(world.deps(), ofAcme, id, { reason: 'moving' });
    const moved = { destination: { url: 'https://other.acme.example/elsewhere', headers: null } };
    expect(doneOf(await changeSubscription(world.deps(), ofAcme, id, moved))).toMatchObject({ state: 'paused' });
    expect(doneOf(await resumeSubscription(world.deps(), ofAcme, id))).toMatchObject({ state: 'pending' });
    await world.run(id);
    expect(world.receiver.probes).toHaveLength(1);
  });

  it('to another URL keeps a pause that gives the very reason that the change itself gives', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.run(id, memoryDestination());
    const reason = 'its URL is being changed; if that was broken off, resuming it sends a challenge';
    await pauseSubscription(world.deps(), ofAcme, id, { reason });
    const moved = { destination: { url: 'https://other.acme.example/elsewhere', headers: null } };
    expect(doneOf(await changeSubscription(world.deps(), ofAcme, id, moved))).toMatchObject({ state: 'paused' });
  });

  it('of what decides the content makes batches of other ids; of the description none', async () => {
    const idAfter = async (patch: object): Promise<string | undefined> => {
      const world = await managedWorld();
      const { id } = (await world.create()).subscription;
      const lost = memoryDestination({ script: ['answer lost'] });
      await world.run(id, lost);
      await changeSubscription(world.deps(), ofAcme, id, patch);
      await resumeSubscription(world.deps(), ofAcme, id);
      await world.run(id);
      const [first] = world.receiver.accepted;
      return first?.id === lost.accepted[0]?.id ? 'the same' : 'another';
    };
    expect(await idAfter({ description: 'another name' })).toBe('the same');
    expect(await idAfter({ fields: ['event'] })).toBe('another');
    expect(await idAfter({ personalData: 'hide' })).toBe('another');
    expect(await idAfter({ format: 'ecs-flat' })).toBe('another');
    expect(await idAfter({ filter: { kind: 'event' } })).toBe('another');
  });
});

describe('deleting a subscription', () => {
  it('ends it for everybody at once, and leaves no state, no letters and no credentials', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.run(id, memoryDestination({ otherwise: () => 'poison' }));
    expect(world.records.records().some(({ partition }) => partition === `dead-letter/${id}`)).toBe(true);
    expect(doneOf(await deleteSubscription(world.deps(), ofAcme, id))).toBeUndefined();
    expect(await world.subscriptionOf(id)).toBeUndefined();
    expect(await readSubscription(world.deps(), ofAcme, id)).toEqual({ kind: 'not found' });
    expect(await deleteSubscription(world.deps(), ofAcme, id)).toEqual({ kind: 'not found' });
    const left = world.records.records().filter(({ partition, id: of }) => of === id || partition.endsWith(id));
    expect(left.map(({ partition }) => partition).filter((partition) => !partition.startsWith('attempt/'))).toEqual([
      'roster/acme',
      'unfinished',
    ]);
    expect(JSON.stringify(left)).not.toContain('sealed');
  });

  it('is not undone by a delivery that is under way', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    const receiver = memoryDestination();
    const line = await world.run(id, {
      ...receiver,
      send: async (...given) => {
        await deleteSubscription(world.deps(), ofAcme, id);
        return receiver.send(...given);
      },
    });
    expect(line?.result).not.toBe('caught up');
    expect(await world.records.get('subscription', id)).toBeUndefined();
  });

  it('is finished by the sweep, which leaves nothing at all', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.run(id);
    await deleteSubscription(world.deps(), ofAcme, id);
    expect(await sweepSubscriptions(world.deps())).toBe(0);
    world.clock.advance(2 * hourMs);
    expect(await sweepSubscriptions(world.deps())).toBe(1);
    expect(world.records.records().filter(({ id: of }) => of === id)).toEqual([]);
    expect(await world.audited()).toEqual(['subscription-created', 'subscription-deleted']);
  });
});
