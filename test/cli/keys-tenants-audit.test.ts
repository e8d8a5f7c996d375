/** `npx sluice keys|tenants|audit`: for an operator, over all tenants, by the flows of the API. */
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Created } from '../../shared/flows/manage/create-subscription.ts';
import { commandLine } from '../support/command-line.ts';

describe('keys, tenants and the audit journal', () => {
  it('a key expires after days, or at an instant, and is listed with its state', async () => {
    const sluice = await commandLine();
    const made = await sluice.json<{ id: string; key: string; expiresAt: string }>([
      'keys',
      'create',
      '--tenant',
      'aurora',
      '--scope',
      'subscriptions:write',
      '--scope',
      'keys:write',
      '--expires',
      '90d',
    ]);
    const days = (Date.parse(made.expiresAt) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(90);
    expect((await sluice(['keys', 'list'])).stdout).toContain(
      `${made.id}  active  tenant aurora  subscriptions:write,keys:write`,
    );
    expect((await sluice(['keys', 'revoke', made.id])).code).toBe(0);
    expect((await sluice(['keys', 'list'])).stdout).toContain(`${made.id}  revoked`);
    const past = await sluice(['keys', 'create', '--tenant', 'aurora', '--expires', '2020-01-01T00:00:00Z']);
    expect(past).toMatchObject({ code: 2, stdout: '' });
    expect(past.stderr).toContain('/expiresAt: ');
  });

  it("a tenant that is written is known to what follows, and reattribute gives it what was nobody's", async () => {
    const sluice = await commandLine({ SLUICE_SOURCE_URL: 'file:log.ndjson' });
    copyFileSync(new URL('../../samples/samples.ndjson', import.meta.url), join(sluice.cwd, 'log.ndjson'));
    expect((await sluice(['pull'])).stderr).toContain('npx sluice tenants put');
    type Answer = { readonly events: readonly { readonly user?: { readonly id?: string } }[] };
    const { events } = await sluice.json<Answer>(['query']);
    const user = events.find((event) => event.user?.id)?.user?.id ?? '';
    const put = await sluice(['tenants', 'put', 'delta', '--user', user]);
    expect(put.stdout).toContain('delta  version 1  1 users');
    expect(put.stderr).toContain('npx sluice reattribute');
    expect((await sluice.json<{ attributed: number }>(['reattribute'])).attributed).toBeGreaterThan(0);
    expect((await sluice.json<Answer>(['query', '--tenant', 'delta'])).events.length).toBeGreaterThan(0);
    expect((await sluice(['keys', 'create', '--tenant', 'delta'])).code).toBe(0);
    expect((await sluice(['tenants'])).stdout).toBe('delta  version 1  1 users\n');
    const taken = await sluice(['tenants', 'put', 'epsilon', '--user', user]);
    expect(taken.stderr).toContain('/users/0: belongs to tenant "delta"');
    expect(await sluice(['tenants', 'delete', 'delta', '--if-version', '7'])).toMatchObject({ code: 1, stdout: '' });
    expect((await sluice(['tenants', 'delete', 'delta'])).code).toBe(0);
    expect(await sluice(['tenants', 'show', 'delta'])).toMatchObject({ code: 2, stdout: '' });
  });

  it('a tenant of the file is listed, and changed in the file alone', async () => {
    const sluice = await commandLine();
    expect((await sluice(['tenants'])).stdout).toMatch(/^aurora {2}kept in the file {2}1 organizations {2}4 users/);
    expect(await sluice(['tenants', 'delete', 'aurora'])).toMatchObject({ code: 1, stdout: '' });
    expect((await sluice(['tenants', 'put', 'aurora', '--user', 'x'])).stderr).toContain('SLUICE_TENANTS_FILE');
  });

  it('every change is in the audit journal, page by page, without a value', async () => {
    const sluice = await commandLine();
    const url = 'https://hooks.aurora.example.com/canary-path';
    const words = ['subscriptions', 'create', '--tenant', 'aurora', '--webhook', url];
    const { subscription } = await sluice.json<Created>(words);
    await sluice(['tenants', 'put', 'delta', '--user', 'canary-user']);
    await sluice(['subscriptions', 'pause', subscription.id, '--reason', 'why not']);
    const first = await sluice(['audit', '--limit', '2']);
    expect(first.stdout).toMatch(
      /Subscription created: aurora-\S+ by operator\n.*Tenant created: delta by operator\n$/,
    );
    const after = /--after (\S+)/.exec(first.stderr)?.[1] ?? '';
    const rest = await sluice(['audit', '--after', after]);
    expect(rest.stdout).toMatch(/^\S+ {2}Subscription paused: aurora-\S+ by operator: why not\n$/);
    expect(JSON.stringify([first, rest])).not.toContain('canary');
    const { events } = await sluice.json<{ events: unknown[] }>(['audit']);
    expect(events).toHaveLength(3);
  });
});
