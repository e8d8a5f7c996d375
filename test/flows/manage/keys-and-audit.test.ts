import { describe, expect, it } from 'vitest';
import { auditEvent } from '../../../shared/core/audit-event.ts';
import type { BadBody } from '../../../shared/core/bad-body.ts';
import { allowedCategories, allowedTypes } from '../../../shared/core/catalogue/ecs-values.ts';
import { BadRequest, RetryLater } from '../../../shared/core/errors.ts';
import { apiKeyVerifier } from '../../../shared/flows/api-keys.ts';
import { journalOnce, openAuditJournal } from '../../../shared/flows/manage/audit-journal.ts';
import { flushAudit } from '../../../shared/flows/manage/audited-write.ts';
import type { Caller } from '../../../shared/flows/manage/caller.ts';
import { deleteSubscription } from '../../../shared/flows/manage/delete-subscription.ts';
import { createKey, listKeys, revokeKey } from '../../../shared/flows/manage/keys.ts';
import { lookAfterChanges } from '../../../shared/flows/manage/look-after-changes.ts';
import { pauseSubscription } from '../../../shared/flows/manage/pause-subscription.ts';
import { readAudit } from '../../../shared/flows/manage/read-audit.ts';
import { replaySubscription } from '../../../shared/flows/manage/replay-subscription.ts';
import { sweepSubscriptions } from '../../../shared/flows/manage/sweep-subscriptions.ts';
import { readTenantStatus } from '../../../shared/flows/manage/tenant-status.ts';
import { verifyJournal } from '../../../shared/flows/verify-journal.ts';
import { memoryScratch } from '../../mutations/verified.ts';
import { doneOf, managedWorld, ofAcme, ofBolt, operator } from '../../support/managed-world.ts';

const reader: Caller = { tenant: 'acme', by: 'r1', scopes: ['events:read', 'keys:write'] };

describe('a key', () => {
  it('that a caller makes is of its own tenant and lets in who has its text', async () => {
    const world = await managedWorld();
    const { key, text } = doneOf(await createKey(world.deps(), ofAcme, { scopes: ['subscriptions:read'], name: 'ci' }));
    expect(key).toMatchObject({ tenant: 'acme', scopes: ['subscriptions:read'], createdBy: 'a1', state: 'active' });
    expect(await apiKeyVerifier(world)(text)).toMatchObject({ id: key.id });
    expect(JSON.stringify([world.records.records(), await world.audited()])).not.toContain(text.slice(-43));
  });

  it('gives nobody more than its maker has', async () => {
    const world = await managedWorld();
    const deps = world.deps();
    for (const wish of [
      { scopes: ['subscriptions:write'] },
      { scopes: ['operator'] },
      { scopes: ['events:read'], tenant: 'bolt' },
      { scopes: ['events:read'], tenant: '*' },
    ])
      expect(await createKey(deps, reader, wish)).toMatchObject({ kind: 'refused', reason: 'not allowed' });
    expect((await listKeys(deps, operator, { limit: 10 })).items).toEqual([]);
    expect((await createKey(deps, operator, { scopes: ['operator'], tenant: '*' })).kind).toBe('done');
    expect((await createKey(deps, ofAcme, { scopes: ['subscriptions:read'] })).kind).toBe('done');
  });

  it('with mistakes in it is not made', async () => {
    const world = await managedWorld();
    const wrong = createKey(world.deps(), reader, { scopes: ['events:read', 'everything'], expiresAt: 'soon' });
    const error: unknown = await wrong.catch((thrown: unknown) => thrown);
    expect((error as BadBody).mistakes.map(({ path }) => path)).toEqual([['scopes'], ['expiresAt']]);
  });

  it('is listed and revoked by its own tenant alone', async () => {
    const world = await managedWorld();
    const deps = world.deps();
    const mine = doneOf(await createKey(deps, ofAcme, { scopes: ['subscriptions:read'] })).key;
    const theirs = doneOf(await createKey(deps, ofBolt, { scopes: ['subscriptions:read'] })).key;
    expect((await listKeys(deps, ofAcme, { limit: 10 })).items.map(({ id }) => id)).toEqual([mine.id]);
    expect(await revokeKey(deps, ofAcme, theirs.id)).toEqual({ kind: 'not found' });
    expect(await revokeKey(deps, ofAcme, '0000000000000000')).toEqual({ kind: 'not found' });
    expect(doneOf(await revokeKey(deps, ofAcme, mine.id)).state).toBe('revoked');
    expect(doneOf(await revokeKey(deps, ofAcme, mine.id)).state).toBe('revoked');
    expect((await world.audited(ofAcme)).filter((action) => action === 'key-revoked')).toHaveLength(1);
    expect((await listKeys(deps, operator, { limit: 1 })).next).toBeDefined();
  });

  it('that two revoke at once is revoked and audited once', async () => {
    const world = await managedWorld();
    const { id } = doneOf(await createKey(world.deps(), ofAcme, { scopes: ['subscriptions:read'] })).key;
    const revoking = [1, 2].map(async () => doneOf(await revokeKey(world.deps(), ofAcme, id)));
    expect((await Promise.all(revoking)).map(({ state }) => state)).toEqual(['revoked', 'revoked']);
    expect((await world.audited(ofAcme)).filter((action) => action === 'key-revoked')).toHaveLength(1);
  });
});

describe('the audit journal', () => {
  it('says who changed what, when, of whom, and the names of what changed', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await pauseSubscription(world.deps(), operator, id, { reason: 'fire drill' });
    const [, paused] = (await readAudit(world.deps(), ofAcme, { limit: 10 })).items;
    expect(paused).toMatchObject({
      '@timestamp': '2026-03-01T12:00:00.000Z',
      message: `Subscription paused: ${id} by operator`,
      event: {
        kind: 'event',
        category: ['configuration'],
        type: ['change'],
        action: 'subscription-paused',
        outcome: 'success',
      },
      user: { id: 'operator' },
      sluice: { tenant: 'acme', target: { kind: 'subscription', id }, reason: 'fire drill' },
    });
  });

  it('uses no word that ECS does not have', () => {
    const actions = [
      'subscription-created',
      'subscription-tested',
      'subscription-deleted',
      'key-created',
      'key-revoked',
    ] as const;
    for (const action of actions) {
      const { event } = auditEvent({ action, tenant: 'acme', id: 'x', by: 'y' }, { eventId: 'e', nowMs: 0 });
      for (const category of event.category) expect(allowedCategories).toContain(category);
      for (const type of event.type) expect(allowedTypes).toContain(type);
    }
  });

  it('is read from an instant on, page by page, each event once and in order', async () => {
    const world = await managedWorld({ events: 0 });
    for (let n = 0; n < 6; n += 1) {
      await createKey(world.deps(), n % 2 ? ofAcme : ofBolt, { scopes: ['subscriptions:read'] });
      world.clock.advance(60_000);
    }
    const read = async (caller: Caller, from?: string): Promise<readonly string[]> => {
      const times: string[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const page = await readAudit(world.deps(), caller, {
          limit: 2,
          ...(after !== '' && { after }),
          ...(from !== undefined && { from }),
        });
        times.push(...page.items.map((event) => event['@timestamp'].slice(11, 16)));
        after = page.next;
      }
      return times;
    };
    expect(await read(operator)).toEqual(['12:00', '12:01', '12:02', '12:03', '12:04', '12:05']);
    expect(await read(ofAcme)).toEqual(['12:01', '12:03', '12:05']);
    expect(await read(ofBolt, '2026-03-01T12:01:00Z')).toEqual(['12:02', '12:04']);
    for (const wrong of [{ after: '0.x' }, { from: 'yesterday' }])
      await expect(readAudit(world.deps(), ofAcme, { limit: 2, ...wrong })).rejects.toBeInstanceOf(BadRequest);
  });

  it('holds each event once although several processes journal it at the same time', async () => {
    const world = await managedWorld();
    const change = { action: 'key-created', tenant: 'acme', id: 'k', by: 'a1' } as const;
    const event = auditEvent(change, { eventId: 'one', nowMs: world.clock.nowMs() });
    await Promise.all(Array.from({ length: 5 }, () => journalOnce(world.deps(), event, 0)));
    expect(await world.audited()).toEqual(['key-created']);
  });

  it('that cannot be written holds up no change; the event is journaled as soon as it can be', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    world.blobs.failWhen((operation) => (operation === 'putIfAbsent' ? 'before' : undefined));
    expect(doneOf(await pauseSubscription(world.deps(), ofAcme, id)).state).toBe('paused');
    expect(world.notices.at(-1)?.message).toMatch(/audit event of subscription-paused waits/);
    // A second change would wipe out the trace of the first.
    await expect(pauseSubscription(world.deps(), ofAcme, id)).rejects.toBeInstanceOf(RetryLater);
    world.blobs.failWhen(() => undefined);
    expect(await flushAudit(world.deps())).toBe(1);
    expect(await world.audited()).toEqual(['subscription-created', 'subscription-paused']);
  });

  it('is a journal like any other: chained, signed every hour, and what was altered is found', async () => {
    const world = await managedWorld();
    for (let n = 0; n < 3; n += 1) await createKey(world.deps(), ofAcme, { scopes: ['subscriptions:read'] });
    const looked = await lookAfterChanges(world.deps());
    expect(looked).toMatchObject({ journaled: 0, finished: 0, head: expect.stringMatching(/^heads\/audit\//) });
    expect((await lookAfterChanges(world.deps())).head).toBeUndefined();
    const { store } = openAuditJournal(world.blobs);
    const verify = () =>
      verifyJournal({
        store,
        source: 'audit',
        clock: world.clock,
        scratch: memoryScratch(),
        retentionMs: 30 * 86_400_000,
      });
    expect(await verify()).not.toHaveProperty('break');
    const [name] = (await world.blobs.list('audit/manifests/', { limit: 3 })).slice(1);
    world.blobs.lose(name ?? '');
    expect(await verify()).toHaveProperty('break');
  });
});

describe('a change that could not be journaled', () => {
  const replayedUnheard = async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.run(id);
    world.blobs.failWhen((operation) => (operation === 'putIfAbsent' ? 'before' : undefined));
    doneOf(await replaySubscription(world.deps(), ofAcme, id, { from: 1 }));
    return { world, id };
  };
  const all = ['subscription-created', 'subscription-replayed', 'subscription-deleted'];

  it('is journaled when its subscription is deleted: the proof of it is removed then', async () => {
    const { world, id } = await replayedUnheard();
    world.blobs.failWhen(() => undefined);
    doneOf(await deleteSubscription(world.deps(), ofAcme, id));
    expect(await world.audited()).toEqual([all[0], all[2], all[1]]);
    expect(await world.state(id)).toBeUndefined();
  });

  it('keeps its proof while the journal cannot be written, however long, and so does the deletion', async () => {
    const { world, id } = await replayedUnheard();
    doneOf(await deleteSubscription(world.deps(), ofAcme, id));
    for (let hours = 0; hours < 5; hours += 1) {
      world.clock.advance(3_600_001);
      await expect(sweepSubscriptions(world.deps())).rejects.toThrow(RetryLater);
    }
    world.blobs.failWhen(() => undefined);
    // The sweep alone: each change is journaled before what proves it goes.
    expect(await sweepSubscriptions(world.deps())).toBe(1);
    expect((await world.audited()).toSorted()).toEqual(all.toSorted());
    const left = world.records
      .records()
      .filter((record) => ['change', 'unfinished', 'roster/acme', 'subscription'].includes(record.partition));
    expect(left).toEqual([]);
  });
});

describe('the status of a tenant', () => {
  it('says how far the source is complete, and how each of its subscriptions fares, without a manifest', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.create({}, ofBolt);
    world.blobs.failWhen(() => 'before');
    const status = await readTenantStatus(world.deps(), ofAcme);
    expect(status).toMatchObject({
      source: { id: 'closer', completeThrough: '2026-03-01T11:55:00.000000000Z', lagMs: 300_000 },
      subscriptions: [{ id, state: 'pending', progress: { segmentsBehind: 1 } }],
      states: { pending: 1, active: 0 },
    });
    expect((await readTenantStatus(world.deps(), operator)).subscriptions).toHaveLength(2);
  });

  it('of a subscription whose state is damaged says so, and fails nobody', async () => {
    const world = await managedWorld();
    const { id } = (await world.create()).subscription;
    await world.records.compareAndSet({ partition: 'subscription', id, value: { cursor: 'gone' } }, 1);
    const [one] = (await readTenantStatus(world.deps(), ofAcme)).subscriptions;
    expect(one).toMatchObject({ state: 'paused', reason: expect.stringContaining('damaged') });
  });
});
