import { describe, expect, it } from 'vitest';
import { BadBody } from '../../../shared/core/bad-body.ts';
import { pointerTo } from '../../../shared/core/json-pointer.ts';
import { tenantOfId } from '../../../shared/core/stored-subscription.ts';
import { changeSubscription } from '../../../shared/flows/manage/change-subscription.ts';
import { createSubscription } from '../../../shared/flows/manage/create-subscription.ts';
import { listDeadLetters, readDeadLetter } from '../../../shared/flows/manage/dead-letters.ts';
import { deleteSubscription } from '../../../shared/flows/manage/delete-subscription.ts';
import { listAttempts } from '../../../shared/flows/manage/list-attempts.ts';
import { pauseSubscription, resumeSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import { listSubscriptions, readSubscription } from '../../../shared/flows/manage/read-subscriptions.ts';
import { replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import { rotateSecret } from '../../../shared/flows/manage/rotate-secret.ts';
import { sweepSubscriptions } from '../../../shared/flows/manage/sweep-subscriptions.ts';
import { readTenantStatus } from '../../../shared/flows/manage/tenant-status.ts';
import { testSubscription } from '../../../shared/flows/manage/test-subscription.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import {
  aWebhookBody,
  doneOf,
  hiddenHeader,
  hiddenPath,
  managedWorld,
  ofAcme,
  ofBolt,
  operator,
} from '../../support/managed-world.ts';
import { aSubscription, hitsFrom, idsOf } from '../../support/world.ts';

const inFile = aSubscription({ id: 'acme-file', tenant: 'acme' });
const hourMs = 3_600_000;

const mistakesOf = async (call: Promise<unknown>): Promise<readonly string[]> => {
  const error: unknown = await call.catch((thrown: unknown) => thrown);
  if (error instanceof BadBody) return error.mistakes.map(({ path }) => pointerTo(path));
  throw new Error('nothing was wrong');
};

describe('a webhook that is made', () => {
  it('is pending until its endpoint answers the challenge, and is then sent everything from where it began', async () => {
    const world = await managedWorld();
    const { subscription, signing } = await world.create();
    expect(subscription).toMatchObject({
      tenant: 'acme',
      managed: 'api',
      state: 'pending',
      version: 1,
      createdBy: 'a1',
    });
    expect(tenantOfId(subscription.id)).toBe('acme');
    expect(signing?.secret).toMatch(/^whsec_/);
    expect(world.queue.take()).toEqual([subscription.id]);

    const silent = memoryDestination({ onProbe: () => ({ kind: 'retry', answer: 'no token' }) });
    await world.run(subscription.id, silent);
    expect(silent.probes).toHaveLength(1);
    expect(silent.attempts).toEqual([]);

    await resumeSubscription(world.deps(), ofAcme, subscription.id);
    await world.run(subscription.id);
    expect(world.receiver.probes).toMatchObject([{ kind: 'challenge' }]);
    expect(world.received().flat()).toEqual(idsOf(hitsFrom('2026-03-01T11:00:00Z', 7)));
    expect(doneOf(await readSubscription(world.deps(), ofAcme, subscription.id))).toMatchObject({ state: 'active' });
    expect(await world.imbalances()).toEqual([]);
  });

  it('begins where the journal stood when it was made, however late its endpoint answers', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create({ start: 'now' });
    world.clock.advance(hourMs);
    for (const hit of hitsFrom('2026-03-01T12:30:00Z', 2)) world.source.add(hit);
    await world.pull();
    await world.run(subscription.id);
    expect(world.received().flat()).toEqual(idsOf(hitsFrom('2026-03-01T12:30:00Z', 2)));
  });

  it('gives away neither path nor header in any answer, record, log line or audit event', async () => {
    const world = await managedWorld();
    const deps = world.deps();
    const made = await world.create();
    const { id } = made.subscription;
    const answers = [
      made,
      await readSubscription(deps, ofAcme, id),
      await listSubscriptions(deps, operator, { limit: 10 }),
      await changeSubscription(deps, ofAcme, id, {
        destination: { url: `https://hooks.acme.example/${hiddenPath}/2` },
      }),
      await testSubscription(deps, ofAcme, id),
      await pauseSubscription(deps, ofAcme, id, { reason: 'moving' }),
      await resumeSubscription(deps, ofAcme, id),
      await rotateSecret(deps, ofAcme, id),
      await readTenantStatus(deps, ofAcme),
      await deps.roster.all(),
      world.records.records(),
      world.notices,
      world.attempts,
      world.deliveries,
      await world.run(id),
      await deleteSubscription(deps, ofAcme, id),
      world.records.records(),
      await world.audited(),
    ];
    const text = JSON.stringify(answers);
    for (const secret of [hiddenPath, hiddenHeader]) expect(text).not.toContain(secret);
    for (const name of world.blobs.names()) expect(name).not.toContain(hiddenPath);
    expect(made.subscription.destination).toEqual({
      type: 'webhook',
      url: 'https://hooks.acme.example',
      headers: ['X-Team'],
    });
  });

  it('is refused with every mistake and its place, and nothing is written', async () => {
    const world = await managedWorld();
    const before = world.records.records();
    const wrong = { ...aWebhookBody, tenant: 'bolt', format: 'csv', destination: { type: 'webhook', url: 'http://x' } };
    expect(await mistakesOf(createSubscription(world.deps(), ofAcme, wrong))).toEqual([
      '/tenant',
      '/format',
      '/destination/url',
    ]);
    expect(await mistakesOf(createSubscription(world.deps(), operator, aWebhookBody))).toEqual(['/tenant']);
    expect(world.records.records()).toEqual(before);
  });

  it('is refused to a tenant that has 1 000, without a word on others', async () => {
    const world = await managedWorld();
    for (let n = 0; n < 1_000; n += 1) {
      const id = `acme-${String(n)
        .padStart(12, '0')
        .replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`;
      const subscription = { ...inFile, id, destination: { type: 'poll' } };
      const value = { subscription, createdAt: '', changedAt: '', createdBy: 'a1' };
      await world.records.compareAndSet({ partition: 'roster/acme', id, value }, 0);
    }
    const refused = await createSubscription(world.deps(), ofAcme, aWebhookBody);
    expect(refused).toMatchObject({ kind: 'refused', reason: 'too many' });
    expect(await world.create({}, ofBolt)).toMatchObject({ subscription: { tenant: 'bolt' } });
  });
});

describe('a caller', () => {
  it('sees and touches only what is its tenant’s; what is another’s and what is not there are answered alike', async () => {
    const world = await managedWorld({ fromFile: [inFile] });
    const { subscription } = await world.create();
    const deps = world.deps();
    const calls = (id: string) => [
      readSubscription(deps, ofBolt, id),
      changeSubscription(deps, ofBolt, id, { description: 'mine' }),
      deleteSubscription(deps, ofBolt, id),
      testSubscription(deps, ofBolt, id),
      pauseSubscription(deps, ofBolt, id),
      resumeSubscription(deps, ofBolt, id),
      rotateSecret(deps, ofBolt, id),
      replaySubscription(deps, ofBolt, id, { from: 1 }),
      listAttempts(deps, ofBolt, id, { limit: 10 }),
      listDeadLetters(deps, ofBolt, id, { limit: 10 }),
      readDeadLetter(deps, ofBolt, id, 'msg_x'),
    ];
    for (const id of [subscription.id, inFile.id, 'acme-aaaaaaaaaaaa', 'nothing'])
      for (const answer of await Promise.all(calls(id))) expect(answer).toEqual({ kind: 'not found' });
    expect((await listSubscriptions(deps, ofBolt, { limit: 10 })).items).toEqual([]);
    expect((await listSubscriptions(deps, ofBolt, { limit: 10, tenant: 'acme' })).items).toEqual([]);
    expect((await readTenantStatus(deps, ofBolt)).subscriptions).toEqual([]);
    expect(await world.audited(ofBolt)).toEqual([]);
    expect(await world.audited(ofAcme)).toEqual(['subscription-created']);
  });

  it('costs as many reads for another’s as for none', async () => {
    const world = await managedWorld();
    const { subscription } = await world.create();
    const readsOf = async (id: string): Promise<number> => {
      let reads = 0;
      world.records.failWhen(() => {
        reads += 1;
        return undefined;
      });
      await readSubscription(world.deps(), ofBolt, id);
      world.records.failWhen(() => undefined);
      return reads;
    };
    expect(await readsOf(subscription.id)).toBe(await readsOf('acme-aaaaaaaaaaaa'));
  });

  it('who is an operator sees all, and those of one tenant when it asks for them', async () => {
    const world = await managedWorld({ fromFile: [inFile] });
    const a = (await world.create()).subscription;
    const b = (await world.create({}, ofBolt)).subscription;
    const all = (await world.create({ tenant: '*' }, operator)).subscription;
    const ids = async (tenant?: string) =>
      (await listSubscriptions(world.deps(), operator, { limit: 10, ...(tenant && { tenant }) })).items.map(
        ({ id }) => id,
      );
    expect(await ids()).toEqual([a.id, inFile.id, b.id, all.id].sort());
    expect(await ids('bolt')).toEqual([b.id]);
    expect(all.id).toMatch(/^all\./);
  });

  it('gets its subscriptions page by page, each once', async () => {
    const world = await managedWorld({ fromFile: [inFile] });
    for (let n = 0; n < 6; n += 1) await world.create();
    const ids: string[] = [];
    for (let after: string | undefined = ''; after !== undefined; ) {
      const page = await listSubscriptions(world.deps(), ofAcme, { after, limit: 3 });
      expect(page.items.length).toBeLessThanOrEqual(3);
      ids.push(...page.items.map(({ id }) => id));
      after = page.next;
    }
    expect(new Set(ids).size).toBe(7);
    expect(ids).toEqual(ids.toSorted());
  });
});

describe('a subscription of the file', () => {
  it('is shown to its tenant, paused and resumed, and not changed', async () => {
    const world = await managedWorld({ fromFile: [inFile] });
    const deps = world.deps();
    expect(doneOf(await readSubscription(deps, ofAcme, inFile.id))).toMatchObject({ managed: 'file', version: 0 });
    for (const refused of [
      await changeSubscription(deps, ofAcme, inFile.id, { description: 'x' }),
      await deleteSubscription(deps, ofAcme, inFile.id),
      await rotateSecret(deps, ofAcme, inFile.id),
    ])
      expect(refused).toMatchObject({ kind: 'refused', reason: 'kept in the file' });
    const paused = doneOf(await pauseSubscription(deps, ofAcme, inFile.id, { reason: 'moving house' }));
    expect(paused).toMatchObject({ state: 'paused', reason: expect.stringContaining('moving house') });
    expect((await world.run(inFile.id))?.result).toBe('paused');
    expect(doneOf(await resumeSubscription(deps, ofAcme, inFile.id))).toMatchObject({ state: 'active' });
    await world.run(inFile.id);
    expect(world.received().flat()).toHaveLength(7);
  });
});

describe('changing a subscription', () => {
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
