import { describe, expect, it } from 'vitest';
import { storedId } from '../../../shared/core/stored-subscription.ts';
import { freshState, type SubscriptionState } from '../../../shared/core/subscription-state.ts';
import { storeState } from '../../../shared/flows/deliver/load-state.ts';
import { rosterCheck } from '../../../shared/flows/doctor/check-roster.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { storeAsApi } from '../../support/stored-subscriptions.ts';
import { aSubscription } from '../../support/world.ts';

const destination = { type: 'webhook', url: 'https://hooks.acme.example/in/canary' } as const;
const fresh = freshState({ segment: 1, index: 0 });
const failing: SubscriptionState = { ...fresh, health: { ...fresh.health, failures: 4 } };
const disabled: SubscriptionState = { ...fresh, health: { ...fresh.health, status: 'disabled' } };
const pending: SubscriptionState = { ...fresh, hold: { kind: 'pending', token: 't'.repeat(40), sinceMs: 0 } };

const aClinic = async (states: readonly (SubscriptionState | undefined)[]) => {
  const records = memoryRecordStore();
  const secrets = memorySecrets({ rootKey: '1'.repeat(44) });
  const ids = states.map((_, n) => storedId(n === 0 ? 'bolt' : 'acme', `aaaaaaaaaaa${'abcdefg'[n]}`));
  for (const [n, id] of ids.entries()) {
    await storeAsApi({ records, secrets }, aSubscription({ id, tenant: n === 0 ? 'bolt' : 'acme', destination }));
    const state = states[n];
    if (state) await storeState(records, id, state, 0, undefined);
  }
  const state = { description: 'memory', look: async () => ({ kind: 'there' as const }), records };
  return { ids, secrets, examine: () => rosterCheck({ state, secrets }).run(new AbortController().signal) };
};

describe('the subscriptions made by the API', () => {
  it('are counted by their state', async () => {
    const { examine } = await aClinic([fresh, fresh, pending]);
    expect(await examine()).toEqual([
      {
        check: 'subscriptions/api',
        verdict: 'ok',
        message: '3 subscriptions of 2 tenants made by the API: 2 active, 1 pending.',
        remedy: null,
      },
    ]);
  });

  it('are named where they fail or were disabled', async () => {
    const { examine, ids } = await aClinic([fresh, failing, disabled]);
    const [finding] = await examine();
    expect(finding).toMatchObject({ verdict: 'warning', message: expect.stringContaining('1 active, 1 failing') });
    expect(finding?.message).toContain(`Look at ${ids[2]}, ${ids[1]}.`);
  });

  it('are not called active while their deliveries are tried again', async () => {
    const retrying: SubscriptionState = { ...fresh, health: { ...fresh.health, failures: 1 } };
    const { examine, ids } = await aClinic([fresh, retrying]);
    const [finding] = await examine();
    expect(finding).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('1 active, 1 retrying. Look'),
    });
    expect(finding?.message).toContain(ids[1]);
  });

  it('are a problem where their state is lost: nothing is sent there', async () => {
    const { examine, ids } = await aClinic([fresh, undefined]);
    expect(await examine()).toMatchObject([{ verdict: 'problem', message: expect.stringContaining(ids[1] ?? '') }]);
  });

  it('are a problem where their root key is gone, with the remedy, and nothing of what is sealed', async () => {
    const { examine, secrets, ids } = await aClinic([fresh]);
    secrets.rotate('rootKey', '2'.repeat(44));
    expect(await examine()).toHaveLength(1);
    secrets.rotate('rootKey', '3'.repeat(44));
    const findings = await examine();
    expect(findings[1]).toMatchObject({
      check: 'subscriptions/api/credentials',
      verdict: 'problem',
      message: expect.stringContaining(ids[0] ?? ''),
      remedy: expect.stringContaining('back as "previous"'),
    });
    expect(JSON.stringify(findings)).not.toContain('canary');
  });

  it('are none where there is no state yet: looking makes none', async () => {
    const records = memoryRecordStore();
    records.failWhen(() => 'before');
    const folder = { state: 'absent', path: '/', writable: true, freeBytes: 0 } as const;
    const state = { description: 'memory', look: async () => ({ kind: 'absent' as const, folder }), records };
    const secrets = memorySecrets();
    expect(await rosterCheck({ state, secrets }).run(new AbortController().signal)).toMatchObject([
      { verdict: 'ok', message: 'None were made by the API.' },
    ]);
  });
});
