/** Who there is: of the settings' file and of the API, each with what it needs and nobody else's. */
import { describe, expect, it } from 'vitest';
import { storedId } from '../../shared/core/stored-subscription.ts';
import { changeStored, readStored, removeStored, storedOf } from '../../shared/flows/roster/stored.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { countingRecords } from '../support/counting-records.ts';
import { storeAsApi } from '../support/stored-subscriptions.ts';
import { aSubscription } from '../support/world.ts';

const ofFile = aSubscription({ id: 'acme-file' });
const destination = {
  type: 'webhook',
  url: 'https://hooks.acme.example/in/canary',
  headers: { Authorization: 'Bearer canary' },
} as const;
const letters = 'abcdefghijklmnop';
const idOf = (tenant: string, n = 0) => storedId(tenant, `aaaaaaaaaaa${letters[n]}`);
const ofApi = (tenant: string, n = 0) => aSubscription({ id: idOf(tenant, n), tenant, destination });

const aStock = async (...stored: readonly ReturnType<typeof ofApi>[]) => {
  const memory = memoryRecordStore();
  const secrets = memorySecrets({ rootKey: 'r'.repeat(44) });
  const { records, take } = countingRecords(memory);
  for (const subscription of stored) await storeAsApi({ records, secrets }, subscription);
  take();
  return { memory, records, secrets, take, roster: openRoster({ records, secrets, fromFile: [ofFile] }) };
};

describe('one that is asked for', () => {
  it('comes from the file without a read, and from the API with one, its credentials opened', async () => {
    const { roster, take } = await aStock(ofApi('acme'));
    expect(await roster.get('acme-file')).toEqual(ofFile);
    expect(take()).toMatchObject({ get: 0, range: 0 });
    expect(await roster.get(idOf('acme'))).toEqual(ofApi('acme'));
    expect(take()).toMatchObject({ get: 1, range: 0 });
  });

  it('is nobody when it never was, was deleted, or has an id that only looks like one', async () => {
    const { roster, records, secrets, take } = await aStock();
    await storeAsApi({ records, secrets }, ofApi('acme'), { deletedAt: '2026-03-02T00:00:00.000Z' });
    take();
    for (const id of [idOf('acme'), idOf('bolt'), 'unheard-of', '', 'roster/acme', `${idOf('acme')}\n`])
      expect(await roster.get(id)).toBeUndefined();
    expect(take().get).toBe(2);
  });

  it('is the file’s where both have it: whoever wrote it there took it over', async () => {
    const { records, secrets } = await aStock(ofApi('acme'));
    const takenOver = aSubscription({ id: idOf('acme') });
    const roster = openRoster({ records, secrets, fromFile: [takenOver] });
    expect(await roster.get(idOf('acme'))).toEqual(takenOver);
    expect(await roster.all()).toEqual([takenOver]);
  });

  it('opens under the root key before, and says what is missing when that is gone', async () => {
    const { roster, secrets } = await aStock(ofApi('acme'));
    secrets.rotate('rootKey', 's'.repeat(44));
    expect(await roster.get(idOf('acme'))).toEqual(ofApi('acme'));
    secrets.rotate('rootKey', 't'.repeat(44));
    await expect(roster.get(idOf('acme'))).rejects.toThrow(`The credentials of subscription "${idOf('acme')}"`);
  });

  it('does not take the credentials that somebody moved into its record from another', async () => {
    const { roster, records } = await aStock(ofApi('acme'), ofApi('bolt'));
    const [acme, bolt] = await Promise.all(['acme', 'bolt'].map((tenant) => readStored(records, idOf(tenant))));
    if (!acme || !bolt?.stored.sealed) throw new Error('both are stored');
    await changeStored(records, { ...acme.stored, sealed: bolt.stored.sealed }, acme.version);
    await expect(roster.get(idOf('acme'))).rejects.toThrow('its record was altered');
  });

  it('names the record that cannot be read', async () => {
    const { roster, memory } = await aStock();
    for (const value of [null, 'x', {}, { subscription: { ...ofApi('bolt'), id: idOf('acme') } }]) {
      memory.lose('roster/acme', idOf('acme'));
      await memory.compareAndSet({ partition: 'roster/acme', id: idOf('acme'), value }, 0);
      await expect(roster.get(idOf('acme'))).rejects.toThrow(`The record of subscription "${idOf('acme')}" in memory`);
    }
  });
});

describe('those of some tenants', () => {
  it('are theirs and those that receive every event, one read per tenant', async () => {
    const { roster, take } = await aStock(ofApi('acme'), ofApi('acme', 1), ofApi('bolt'), ofApi('*'), ofApi('cobalt'));
    expect(await roster.idsOf(new Set(['acme', 'bolt', 'dahlia']))).toEqual([
      'acme-file',
      idOf('acme'),
      idOf('acme', 1),
      idOf('bolt'),
      idOf('*'),
    ]);
    expect(take()).toMatchObject({ get: 0, range: 4, states: 0 });
    expect(await roster.idsOf(new Set())).toEqual([idOf('*')]);
  });

  it('leave out those that were deleted', async () => {
    const { roster, records, secrets } = await aStock();
    await storeAsApi({ records, secrets }, ofApi('acme'), { deletedAt: '2026-03-02T00:00:00.000Z' });
    expect(await roster.idsOf(new Set(['acme']))).toEqual(['acme-file']);
    expect(await roster.all()).toEqual([ofFile]);
  });

  it('are all of them, however many a tenant has', async () => {
    const many = Array.from({ length: 2_500 }, (_, n) => {
      const digits = n.toString(4).padStart(12, '0');
      return ofApiCalled(
        storedId(
          'acme',
          digits.replace(/[0-3]/g, (digit) => letters[Number(digit)] ?? ''),
        ),
      );
    });
    const { roster, take } = await aStock(...many);
    expect(await roster.idsOf(new Set(['acme']))).toHaveLength(2_501);
    expect(take()).toMatchObject({ range: 4 });
    expect(await roster.all()).toHaveLength(2_501);
  });
});

const ofApiCalled = (id: string) => aSubscription({ id, destination });

describe('all of them', () => {
  it('are shown without credentials', async () => {
    const { roster } = await aStock(ofApi('acme'), ofApi('*'));
    const all = await roster.all();
    expect(all.map(({ id }) => id)).toEqual(['acme-file', idOf('*'), idOf('acme')]);
    expect(JSON.stringify(all.filter(({ id }) => id !== 'acme-file'))).not.toContain('canary');
  });

  it('are found although the process that stored the first of a tenant died right after the index', async () => {
    const { roster, memory, secrets, records } = await aStock();
    memory.failWhen((_, target) => (target.startsWith('roster/acme/') ? 'before' : undefined));
    await expect(storeAsApi({ records, secrets }, ofApi('acme'))).rejects.toThrow('no answer');
    memory.failWhen(() => undefined);
    expect(await roster.all()).toEqual([ofFile]);
    await storeAsApi({ records, secrets }, ofApi('acme'));
    expect(await roster.all()).toHaveLength(2);
  });
});

describe('what is stored', () => {
  it('holds no credential in clear', async () => {
    const { memory } = await aStock(ofApi('acme'));
    expect(JSON.stringify(memory.records())).not.toContain('canary');
  });

  it('changes only from what was read, and an id is taken once', async () => {
    const { records } = await aStock(ofApi('acme'));
    const before = await readStored(records, idOf('acme'));
    if (!before) throw new Error('it is stored');
    expect(await changeStored(records, before.stored, 0)).toBe('conflict');
    expect(await changeStored(records, before.stored, before.version)).toBe('stored');
    expect(await changeStored(records, before.stored, before.version)).toBe('conflict');
    expect(await removeStored(records, idOf('acme'), before.version)).toBe('conflict');
    expect(await removeStored(records, idOf('acme'), before.version + 1)).toBe('removed');
    expect(await readStored(records, idOf('acme'))).toBeUndefined();
    expect(await removeStored(records, 'unheard-of', 1)).toBe('conflict');
  });

  it('comes page by page, each one read', async () => {
    const { records, take } = await aStock(...[0, 1, 2].map((n) => ofApi('acme', n)));
    const first = await storedOf(records, 'acme', { limit: 2 });
    expect(first.items.map(({ stored }) => stored.subscription.id)).toEqual([idOf('acme', 0), idOf('acme', 1)]);
    expect(first.next).toBe(idOf('acme', 2));
    const second = await storedOf(records, 'acme', { limit: 2, ...(first.next && { from: first.next }) });
    expect(second.items.map(({ stored }) => stored.subscription.id)).toEqual([idOf('acme', 2)]);
    expect(second.next).toBeUndefined();
    expect(take()).toMatchObject({ range: 2 });
    expect(await storedOf(records, 'bolt', { limit: 2 })).toEqual({ items: [] });
  });
});
