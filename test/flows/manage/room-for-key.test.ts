import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../../shared/core/errors.ts';
import { apiKeyVerifier, keyPartition } from '../../../shared/flows/api-keys.ts';
import { flushAudit } from '../../../shared/flows/manage/audited-write.ts';
import { createKey, listKeys, revokeKey } from '../../../shared/flows/manage/keys.ts';
import { doneOf, type ManagedWorld, managedWorld, ofAcme, ofBolt, operator } from '../../support/managed-world.ts';
import { storeKey } from '../../support/store-key.ts';

const hourMs = 3_600_000;
const wish = { tenant: 'acme', scopes: ['subscriptions:read'] };
const make = (world: ManagedWorld, caller = ofAcme) =>
  createKey(world.deps(), caller, { scopes: ['subscriptions:read'] });

/** So many keys of `acme` that expire one after the other, a second apart, from the next minute on; in that order. */
const expiring = async (world: ManagedWorld, many: number): Promise<readonly string[]> => {
  const fromMs = world.clock.nowMs() + 60_000;
  const ids: string[] = [];
  for (let n = 0; n < many; n += 1) {
    const expiresAt = new Date(fromMs + n * 1_000).toISOString();
    ids.push((await storeKey(world, { ...wish, expiresAt })).key.id);
  }
  return ids;
};

const idsIn = (world: ManagedWorld, partition = keyPartition): readonly string[] =>
  world.records.records().flatMap((record) => (record.partition === partition ? [record.id] : []));

describe('the keys of a tenant', () => {
  it('are at most 100 in use: one more is refused with what to do, and made once another is revoked', async () => {
    const world = await managedWorld({ events: 0 });
    for (let n = 0; n < 99; n += 1) await storeKey(world, wish);
    const last = doneOf(await make(world)).key;
    const refused = await make(world);
    expect(refused).toMatchObject({ kind: 'refused', reason: 'too many', detail: expect.stringContaining('Revoke') });
    expect(await createKey(world.deps(), operator, wish)).toEqual(refused);
    expect(idsIn(world)).toHaveLength(100);
    doneOf(await revokeKey(world.deps(), ofAcme, last.id));
    expect((await make(world)).kind).toBe('done');
  });

  it('that have expired count no more, and those of another tenant never did', async () => {
    const world = await managedWorld({ events: 0 });
    await expiring(world, 100);
    expect((await make(world)).kind).toBe('refused');
    expect((await make(world, ofBolt)).kind).toBe('done');
    world.clock.advance(60_000);
    expect((await make(world)).kind).toBe('done');
  });

  it('are without bound for an operator', async () => {
    const world = await managedWorld({ events: 0 });
    for (let n = 0; n < 101; n += 1) await storeKey(world, { tenant: '*', scopes: ['operator'] });
    expect((await createKey(world.deps(), operator, { scopes: ['operator'] })).kind).toBe('done');
  });

  it('that have ended are kept, the 900 that ended last: the others go, with the note of their last use', async () => {
    const world = await managedWorld({ events: 0 });
    const { text, key: first } = await storeKey(world, { ...wish, expiresAt: '2026-03-01T12:00:30Z' });
    await apiKeyVerifier(world)(text);
    const ids = [first.id, ...(await expiring(world, 902))];
    world.clock.advance(2 * hourMs);
    const made = doneOf(await make(world)).key;
    expect(new Set(idsIn(world))).toEqual(new Set([...ids.slice(3), made.id]));
    expect(idsIn(world, 'key-use')).toEqual([]);
    expect((await listKeys(world.deps(), ofAcme, { limit: 1_000 })).items).toHaveLength(901);
  });

  it('that ended within the hour are all kept: a process may remember them', async () => {
    const world = await managedWorld({ events: 0 });
    await expiring(world, 901);
    world.clock.advance(hourMs);
    doneOf(await make(world));
    expect(idsIn(world)).toHaveLength(902);
  });

  it('that have ended do not go before it is journaled that they were revoked', async () => {
    const world = await managedWorld({ events: 0 });
    const { key } = doneOf(await make(world));
    world.blobs.failWhen((operation) => (operation === 'putIfAbsent' ? 'before' : undefined));
    doneOf(await revokeKey(world.deps(), ofAcme, key.id));
    await expiring(world, 900);
    world.clock.advance(2 * hourMs);
    await expect(make(world)).rejects.toBeInstanceOf(RetryLater);
    expect(idsIn(world)).toContain(key.id);
    world.blobs.failWhen(() => undefined);
    doneOf(await make(world));
    expect(idsIn(world)).not.toContain(key.id);
    expect(await flushAudit(world.deps())).toBe(0);
    expect(await world.audited()).toEqual(['key-created', 'key-revoked', 'key-created']);
  });
});
