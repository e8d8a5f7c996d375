import { describe, expect, it } from 'vitest';
import { storedId } from '../../../shared/core/stored-subscription.ts';
import { openAuditJournal } from '../../../shared/flows/manage/audit-journal.ts';
import { lookAfterChanges } from '../../../shared/flows/manage/look-after-changes.ts';
import { resealSubscriptions } from '../../../shared/flows/roster/reseal.ts';
import { readStored } from '../../../shared/flows/roster/stored.ts';
import { openRoster } from '../../../shared/flows/roster.ts';
import { memoryBlobStore } from '../../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';
import { countingRecords } from '../../support/counting-records.ts';
import { storeAsApi } from '../../support/stored-subscriptions.ts';
import { aSubscription, recordingTelemetry } from '../../support/world.ts';

const hourMs = 3_600_000;
const [first, second, third] = ['1', '2', '3'].map((digit) => digit.repeat(44)) as [string, string, string];
const destination = { type: 'webhook', url: 'https://hooks.acme.example/in/canary' } as const;

const aVault = async ({ tenants, each }: { readonly tenants: number; readonly each: number }) => {
  const memory = memoryRecordStore();
  const { records, take } = countingRecords(memory);
  const secrets = memorySecrets({ rootKey: first });
  const clock = recordingClock({ startMs: Date.parse('2026-03-01T12:00:00Z') });
  const { telemetry, notices } = recordingTelemetry();
  const ids: string[] = [];
  for (let tenant = 0; tenant < tenants; tenant += 1)
    for (let n = 0; n < each; n += 1) {
      const id = storedId(
        `t${tenant}`,
        `aaaaaaaaa${'abcdefg'[Math.floor(n / 49)]}${'abcdefg'[Math.floor(n / 7) % 7]}${'abcdefg'[n % 7]}`,
      );
      await storeAsApi({ records, secrets }, aSubscription({ id, tenant: `t${tenant}`, destination }));
      ids.push(id);
    }
  const reseal = () => resealSubscriptions({ records, secrets, clock, telemetry }, { tenants: 50, records: 200 });
  take();
  return {
    memory,
    records,
    take,
    secrets,
    clock,
    notices,
    ids,
    reseal,
    /** Calls until nothing is left to do in this hour. */
    pass: async () => {
      const calls: number[] = [];
      for (let isUnderWay = true; isUnderWay; ) {
        calls.push(await reseal());
        isUnderWay = JSON.stringify((await memory.get('reseal', 'all'))?.value).includes('"at"');
      }
      return calls;
    },
    opens: async (rootKey: string) => {
      const roster = openRoster({ records, secrets: memorySecrets({ rootKey }), fromFile: [] });
      const opened = await Promise.allSettled(ids.map((id) => roster.get(id)));
      return opened.filter((one) => one.status === 'fulfilled' && one.value !== undefined).length;
    },
  };
};

describe('credentials after a change of the root key', () => {
  it('are sealed anew, so that the former key may go', async () => {
    const vault = await aVault({ tenants: 3, each: 2 });
    vault.secrets.rotate('rootKey', second);
    expect(await vault.opens(second)).toBe(0);
    expect(await vault.pass()).toEqual([6]);
    expect(await vault.opens(second)).toBe(6);
  });

  it('are sealed anew by what looks after changes every hour', async () => {
    const vault = await aVault({ tenants: 1, each: 1 });
    const { records, secrets, clock } = vault;
    const { telemetry } = recordingTelemetry();
    secrets.rotate('rootKey', second);
    const audit = openAuditJournal(memoryBlobStore());
    expect(await lookAfterChanges({ records, secrets, clock, telemetry, audit })).toMatchObject({ resealed: 1 });
    expect(await vault.opens(second)).toBe(1);
  });

  it('are sealed anew a part at a time, each bounded, none left out', async () => {
    const vault = await aVault({ tenants: 60, each: 7 });
    vault.secrets.rotate('rootKey', second);
    const calls = await vault.pass();
    expect(Math.max(...calls)).toBeLessThanOrEqual(200);
    expect(calls.reduce((sum, one) => sum + one, 0)).toBe(420);
    expect(await vault.opens(second)).toBe(420);
  });

  it('of one tenant with more than a part are none left out either', async () => {
    const vault = await aVault({ tenants: 1, each: 300 });
    vault.secrets.rotate('rootKey', second);
    expect(await vault.pass()).toEqual([200, 100]);
    expect(await vault.opens(second)).toBe(300);
  });

  it('cost nothing as long as no former key is there', async () => {
    const vault = await aVault({ tenants: 3, each: 1 });
    expect(await vault.reseal()).toBe(0);
    expect(vault.take()).toMatchObject({ get: 0, range: 0, write: 0 });
  });

  it('are looked through once an hour, for those that somebody has sealed under the former key since', async () => {
    const vault = await aVault({ tenants: 1, each: 1 });
    const former = memorySecrets({ rootKey: first });
    vault.secrets.rotate('rootKey', second);
    await vault.pass();
    const late = aSubscription({ id: storedId('t0', 'zzzzzzzzzzzz'), tenant: 't0', destination });
    await storeAsApi({ records: vault.records, secrets: former }, late);
    expect(await vault.reseal()).toBe(0);
    vault.clock.advance(hourMs);
    expect(await vault.reseal()).toBe(1);
    expect(vault.notices).toEqual([]);
    vault.clock.advance(hourMs);
    expect(await vault.reseal()).toBe(0);
    vault.clock.advance(hourMs);
    await vault.reseal();
    expect(vault.notices).toEqual([
      { level: 'info', message: expect.stringContaining('do not need the previous one') },
    ]);
  });

  it('are looked through anew when the key changes once more', async () => {
    const vault = await aVault({ tenants: 2, each: 1 });
    vault.secrets.rotate('rootKey', second);
    await vault.pass();
    vault.secrets.rotate('rootKey', third);
    expect(await vault.pass()).toEqual([2]);
    expect(await vault.opens(third)).toBe(2);
  });

  it('that open under neither key are named, and the others are sealed all the same', async () => {
    const vault = await aVault({ tenants: 2, each: 1 });
    const lost = aSubscription({ id: storedId('t0', 'zzzzzzzzzzzz'), tenant: 't0', destination });
    await storeAsApi({ records: vault.records, secrets: memorySecrets({ rootKey: third }) }, lost);
    vault.secrets.rotate('rootKey', second);
    expect(await vault.pass()).toEqual([2]);
    expect(vault.notices).toEqual([{ level: 'error', message: expect.stringContaining(lost.id) }]);
    vault.clock.advance(hourMs);
    await vault.pass();
    expect(vault.notices.map(({ level }) => level)).toEqual(['error', 'error']);
  });

  it('that are changed by the API at the same moment keep that change', async () => {
    const vault = await aVault({ tenants: 1, each: 1 });
    const [id = ''] = vault.ids;
    const before = await readStored(vault.records, id);
    vault.secrets.rotate('rootKey', second);
    vault.memory.raceNext({ ...before?.stored, changedAt: '2026-03-02T00:00:00.000Z' });
    expect(await vault.reseal()).toBe(0);
    expect((await readStored(vault.records, id))?.stored.changedAt).toBe('2026-03-02T00:00:00.000Z');
    vault.clock.advance(hourMs);
    expect(await vault.reseal()).toBe(1);
  });

  it('survive a crash at every write: another call goes on', async () => {
    for (let crashAt = 0; crashAt < 12; crashAt += 1) {
      const vault = await aVault({ tenants: 2, each: 2 });
      vault.secrets.rotate('rootKey', second);
      let writes = 0;
      vault.memory.failWhen((operation) => {
        if (operation !== 'compareAndSet') return undefined;
        writes += 1;
        return writes === Math.floor(crashAt / 2) + 1 ? (crashAt % 2 === 0 ? 'before' : 'after') : undefined;
      });
      await vault.reseal().catch(() => {});
      vault.memory.failWhen(() => undefined);
      await vault.pass();
      expect(await vault.opens(second)).toBe(4);
    }
  });
});
