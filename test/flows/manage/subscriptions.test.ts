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
import { leaveToSweep, sweepSubscriptions } from '../../../shared/flows/manage/sweep-subscriptions.ts';
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
    expect(world.received()).toEqual(idsOf(hitsFrom('2026-03-01T11:00:00Z', 7)));
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
    expect(world.received()).toEqual(idsOf(hitsFrom('2026-03-01T12:30:00Z', 2)));
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
        destination: { url: `https://hooks.acme.example/${hiddenPath}/2`, headers: { 'X-Team': `${hiddenHeader}-2` } },
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

describe('a deleted subscription', () => {
  it('leaves a tombstone that says whose it was and when, whatever it held', async () => {
    const world = await managedWorld();
    const filter = { user: Array.from({ length: 100 }, (_, n) => `${'u'.repeat(60)}${n}`) };
    const { id } = (await world.create({ filter, description: 'd'.repeat(200) })).subscription;
    doneOf(await deleteSubscription(world.deps(), ofAcme, id));
    const { value } = (await world.records.get('roster/acme', id)) ?? {};
    expect(value).toMatchObject({ subscription: { id, tenant: 'acme' }, deletedAt: expect.any(String) });
    expect(JSON.stringify(value).length).toBeLessThan(700);
    expect(JSON.stringify(value)).not.toContain('uuu');
  });

  it('counts towards the 1 000 of its tenant until it is swept, or a loop would fill the state', async () => {
    const world = await managedWorld({ events: 0 });
    const poll = { destination: { type: 'poll' } };
    const makeAndDelete = async () => {
      const made = await createSubscription(world.deps(), ofAcme, poll);
      if (made.kind === 'done') await deleteSubscription(world.deps(), ofAcme, made.value.subscription.id);
      return made;
    };
    await makeAndDelete();
    const [tombstone] = await world.records.range('roster/acme', { limit: 1 });
    const value = tombstone?.value as { readonly subscription: object };
    for (let n = 0; n < 999; n += 1) {
      const id = `acme-${String(n)
        .padStart(12, '0')
        .replace(/\d/g, (digit) => 'abcdefghij'.charAt(Number(digit)))}`;
      const other = { ...value, subscription: { ...value.subscription, id } };
      await world.records.compareAndSet({ partition: 'roster/acme', id, value: other }, 0);
      await leaveToSweep(world.deps(), id);
    }
    expect(await makeAndDelete()).toMatchObject({ reason: 'too many', detail: expect.stringContaining('two hours') });
    world.clock.advance(2 * 3_600_000);
    await sweepSubscriptions(world.deps());
    expect(await makeAndDelete()).toMatchObject({ kind: 'done' });
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
    expect(world.received()).toHaveLength(7);
  });
});
