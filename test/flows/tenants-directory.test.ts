import { describe, expect, it } from 'vitest';
import { BadBody } from '../../shared/core/bad-body.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { everyTenant, unattributed } from '../../shared/core/event.ts';
import { storedId } from '../../shared/core/stored-subscription.ts';
import { attributeAll, attributeNone, attributeTo, parseTenants, type Tenants } from '../../shared/core/tenants.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import { type Caller, commandLine } from '../../shared/flows/manage/caller.ts';
import { readAudit } from '../../shared/flows/manage/read-audit.ts';
import { changeStored } from '../../shared/flows/roster/stored.ts';
import {
  directoryEvidence,
  directoryReader,
  openDirectory,
  tenantPartition,
} from '../../shared/flows/tenants-directory.ts';
import { deleteTenant, listTenants, putTenant, readTenant } from '../../shared/flows/tenants-directory-changes.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { of } from '../support/a-town.ts';
import { aSubscription, recordingTelemetry } from '../support/world.ts';

const inFile = parseTenants([{ id: 'aurora', users: ['u-aurora'] }]);
const ofFile: Tenants = { attribute: attributeTo(inFile), ids: ['aurora'], directory: inFile };

const aDirectory = (file = ofFile) => {
  const [records, clock] = [memoryRecordStore(), recordingClock()];
  const { telemetry } = recordingTelemetry();
  const deps = { file, records, clock, audit: openAuditJournal(memoryBlobStore()), telemetry };
  const directory = openDirectory(deps);
  const owner = async (user: string) =>
    (await directory.current()).attribute({ index: 'closer', organizations: [], users: [user], emails: [] });
  return { ...deps, directory, owner };
};

const acme = { body: { users: ['u-acme'] } };
const ofAurora: Caller = { tenant: 'aurora', by: 'key', scopes: ['subscriptions:write'] };

describe('the directory', () => {
  it('is the file and the records together, seen within a minute', async () => {
    const { owner, clock, directory, ...deps } = aDirectory();
    expect([await owner('u-aurora'), await owner('u-acme')]).toEqual(['aurora', unattributed]);
    await putTenant({ ...deps, clock }, commandLine, 'acme', acme);
    clock.advance(60_000);
    expect([await owner('u-aurora'), await owner('u-acme')]).toEqual(['aurora', 'acme']);
    expect((await directory.current()).ids).toEqual(['aurora', 'acme']);
    await deleteTenant({ ...deps, clock }, commandLine, 'acme');
    clock.advance(60_000);
    expect(await owner('u-acme')).toBe(unattributed);
  });

  it('is read once a minute, however often it is asked', async () => {
    const { directory, records, clock } = aDirectory();
    let reads = 0;
    records.failWhen((operation) => {
      if (operation === 'range') reads += 1;
      return undefined;
    });
    for (let n = 0; n < 100; n += 1) await directory.current();
    expect(reads).toBe(1);
    clock.advance(60_000);
    await directory.current();
    expect(reads).toBe(2);
  });

  it('reads hits by the tenants as they are when a run begins, with one reader while they are the same', async () => {
    const { clock, directory, ...deps } = aDirectory();
    const reader = directoryReader(directory, '@timestamp');
    const read = await reader();
    clock.advance(60_000);
    expect(await reader()).toBe(read);
    await putTenant({ ...deps, clock }, commandLine, 'acme', acme);
    clock.advance(60_000);
    const now = await reader();
    expect([read, now].map((each) => each(of('u-acme', 'e1'), '2026-03-01T12:00:00.000Z').tenant)).toEqual([
      unattributed,
      'acme',
    ]);
  });

  it('is not guessed when it cannot be read: no answer stops the run, a damaged record calls the operator', async () => {
    const { directory, records, clock, owner, ...deps } = aDirectory();
    records.failNext('before', 'range');
    await expect(directory.current()).rejects.toThrow(RetryLater);
    await records.compareAndSet({ partition: tenantPartition, id: 'acme', value: { tenant: 7 } }, 0);
    await expect(directory.current()).rejects.toThrow(OperatorMustFix);
    await expect(directory.current()).rejects.toThrow('npx sluice tenants put acme');
    await putTenant({ ...deps, records, clock }, commandLine, 'acme', acme);
    expect(await owner('u-acme')).toBe('acme');
  });

  it('says what makes an event a tenant’s, out of the file and the records; nothing where all events are one tenant’s', async () => {
    const { directory, clock, ...deps } = aDirectory();
    await putTenant({ ...deps, clock }, commandLine, 'acme', {
      body: { users: ['u-acme'], emails: ['a@acme.example'] },
    });
    const evidenceOf = directoryEvidence(directory);
    const none = { organizations: [], users: [], emails: [], emailDomains: [], indices: [] };
    expect(await evidenceOf('aurora')).toEqual({ ...none, id: 'aurora', users: ['u-aurora'] });
    expect(await evidenceOf('acme')).toEqual({ ...none, id: 'acme', users: ['u-acme'], emails: ['a@acme.example'] });
    expect(await evidenceOf('nobody')).toEqual({ ...none, id: 'nobody' });
    const { directory: sole } = aDirectory({ attribute: attributeAll('acme'), ids: ['acme'] });
    expect(await directoryEvidence(sole)('acme')).toBeUndefined();
  });

  it("has nothing to say where every event is one tenant's", async () => {
    const { owner, ...deps } = aDirectory({ attribute: attributeAll('acme'), ids: ['acme'] });
    expect(await owner('u-bolt')).toBe('acme');
    expect(await putTenant(deps, commandLine, 'bolt', acme)).toMatchObject({ kind: 'refused', reason: 'wrong state' });
  });

  it('begins with records alone when the settings name no tenant', async () => {
    const none: Tenants = { attribute: attributeNone, ids: undefined, directory: { tenants: [] } };
    const { owner, directory, clock, ...deps } = aDirectory(none);
    expect((await directory.current()).ids).toBeUndefined();
    await putTenant({ ...deps, clock }, commandLine, 'acme', acme);
    clock.advance(60_000);
    expect(await owner('u-acme')).toBe('acme');
  });
});

describe('a tenant written through the API', () => {
  it('is created, changed, or as it was, and says what becomes of the events that are journaled', async () => {
    const deps = aDirectory();
    const created = await putTenant(deps, commandLine, 'acme', acme);
    expect(created).toMatchObject({
      value: { outcome: 'created', tenant: { id: 'acme', version: 1, managed: 'api' } },
    });
    expect(created).toMatchObject({ value: { note: expect.stringContaining('npx sluice reattribute') } });
    expect(await putTenant(deps, commandLine, 'acme', acme)).toMatchObject({ value: { outcome: 'unchanged' } });
    const more = { body: { users: ['u-acme', 'u-2'] } };
    expect(await putTenant(deps, commandLine, 'acme', more)).toMatchObject({
      value: { outcome: 'changed', tenant: { version: 2, users: ['u-acme', 'u-2'] } },
    });
    expect(await readTenant(deps, commandLine, 'acme')).toMatchObject({ value: { users: ['u-acme', 'u-2'] } });
    expect(await listTenants(deps, commandLine)).toMatchObject({
      value: [
        { id: 'acme', managed: 'api' },
        { id: 'aurora', managed: 'file' },
      ],
    });
  });

  it('is not written over what somebody else wrote meanwhile', async () => {
    const deps = aDirectory();
    await putTenant(deps, commandLine, 'acme', acme);
    const other = { body: { users: ['u-2'] } };
    for (const expected of [0, 2])
      expect(await putTenant(deps, commandLine, 'acme', { ...other, expected })).toEqual({
        kind: 'changed elsewhere',
        version: 1,
      });
    expect(await deleteTenant(deps, commandLine, 'acme', { expected: 7 })).toMatchObject({ kind: 'changed elsewhere' });
    expect(await putTenant(deps, commandLine, 'acme', { ...other, expected: 1 })).toMatchObject({ kind: 'done' });
  });

  it('takes no value from another, in the file or in a record', async () => {
    const deps = aDirectory();
    await putTenant(deps, commandLine, 'acme', acme);
    const wanted = { body: { users: ['u-aurora', 'U-ACME', 'u-new'] } };
    const refusal = await putTenant(deps, commandLine, 'bolt', wanted).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(BadBody);
    expect((refusal as BadBody).mistakes.map(({ path }) => path)).toEqual([
      ['users', 0],
      ['users', 1],
    ]);
    expect(await readTenant(deps, commandLine, 'bolt')).toEqual({ kind: 'not found' });
  });

  it('is not one of the file: that says where it is changed', async () => {
    const deps = aDirectory();
    const refusal = {
      kind: 'refused',
      reason: 'kept in the file',
      detail: expect.stringContaining('SLUICE_TENANTS_FILE'),
    };
    expect(await putTenant(deps, commandLine, 'aurora', acme)).toMatchObject(refusal);
    expect(await deleteTenant(deps, commandLine, 'aurora')).toMatchObject(refusal);
    expect(await readTenant(deps, commandLine, 'aurora')).toMatchObject({ value: { managed: 'file' } });
  });

  it('cannot be deleted while it has subscriptions', async () => {
    const deps = aDirectory();
    await putTenant(deps, commandLine, 'acme', acme);
    const subscription = aSubscription({ id: storedId('acme', 'abcdefghijkl'), tenant: 'acme' });
    const stored = { subscription, createdAt: '', changedAt: '', createdBy: 'operator' };
    await changeStored(deps.records, stored, 0);
    expect(await deleteTenant(deps, commandLine, 'acme')).toMatchObject({ kind: 'refused', reason: 'wrong state' });
  });

  it('is an audit event for operators, with the names of the lists that changed and none of their values', async () => {
    const deps = aDirectory();
    await putTenant(deps, commandLine, 'acme', acme);
    await putTenant(deps, { ...commandLine, by: 'key-7' }, 'acme', {
      body: { users: ['u-acme'], emails: ['a@b.example'] },
    });
    await deleteTenant(deps, commandLine, 'acme');
    const { items } = await readAudit(deps, commandLine, { limit: 10 });
    expect(items.map(({ event, user, sluice }) => [event.action, user.id, sluice.target.id, sluice.changed])).toEqual([
      ['tenant-created', 'operator', 'acme', undefined],
      ['tenant-changed', 'key-7', 'acme', ['emails']],
      ['tenant-deleted', 'operator', 'acme', undefined],
    ]);
    expect(JSON.stringify(items)).not.toContain('u-acme');
    expect(items.every(({ sluice }) => sluice.tenant === everyTenant)).toBe(true);
    expect((await readAudit(deps, { ...ofAurora, tenant: 'acme' }, { limit: 10 })).items).toEqual([]);
  });

  it('does not exist for anybody but an operator', async () => {
    const deps = aDirectory();
    await putTenant(deps, commandLine, 'acme', acme);
    for (const caller of [ofAurora, { ...ofAurora, tenant: 'acme' }, { ...ofAurora, tenant: everyTenant }])
      for (const call of [
        listTenants(deps, caller),
        readTenant(deps, caller, 'acme'),
        putTenant(deps, caller, 'acme', acme),
        deleteTenant(deps, caller, 'acme'),
      ])
        expect(await call).toEqual({ kind: 'not found' });
  });

  it.each(['../x', '*', '_unattributed', 'A', 'a'.repeat(65), ''])('has no id such as %j', async (id) => {
    const deps = aDirectory();
    await expect(putTenant(deps, commandLine, id, acme)).rejects.toThrow(BadBody);
    expect(await readTenant(deps, commandLine, id)).toEqual({ kind: 'not found' });
    expect(await deleteTenant(deps, commandLine, id)).toEqual({ kind: 'not found' });
  });
});
