import { describe, expect, it } from 'vitest';
import { parseTenants } from '../../../shared/core/tenants.ts';
import { directoryCheck } from '../../../shared/flows/doctor/check-directory.ts';
import { tenantPartition } from '../../../shared/flows/tenants-directory.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';

const inFile = parseTenants([{ id: 'aurora', users: ['u-aurora'] }]).tenants;

const findings = async (values: Readonly<Record<string, unknown>>) => {
  const records = memoryRecordStore();
  for (const [id, value] of Object.entries(values))
    await records.compareAndSet({ partition: tenantPartition, id, value }, 0);
  const state = { description: 'memory', look: async () => ({ kind: 'there' as const }), records };
  return directoryCheck({ state, inFile }).run(new AbortController().signal);
};

describe('the tenants written through the API', () => {
  it('are counted, and not spoken of while there are none', async () => {
    expect(await findings({})).toEqual([]);
    expect(await findings({ acme: { tenant: { id: 'acme', users: ['u-acme'] } } })).toMatchObject([
      { check: 'tenants/api', verdict: 'ok', message: '1 tenant written through the API.' },
    ]);
  });

  it('are a problem when a record cannot be read, because nothing is pulled then', async () => {
    expect(await findings({ acme: { tenant: 7 } })).toMatchObject([
      { verdict: 'problem', remedy: 'Write it again: npx sluice tenants put acme' },
    ]);
  });

  it('are warned of when they claim what the file gives to another, without the value', async () => {
    const [finding, ...more] = await findings({ acme: { tenant: { id: 'acme', users: ['U-Aurora', 'u-acme'] } } });
    expect(more).toEqual([]);
    expect(finding).toMatchObject({
      verdict: 'warning',
      message:
        '1 tenant written through the API. 1 value claimed by two tenants and so by none: users of aurora and acme.',
    });
  });
});
