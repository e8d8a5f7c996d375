/** A secrets file that is gone beside a record that was made with its root key: nothing makes another key silently. */
import { copyFileSync, existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CommandLine, commandLine } from '../support/command-line.ts';

const aPulledFolder = async (): Promise<CommandLine & { readonly file: string; readonly data: string }> => {
  const sluice = await commandLine({ SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' });
  const hook = { id: 'hook', tenant: 'aurora', destination: { type: 'webhook', url: 'https://hooks.example.com/x' } };
  writeFileSync(join(sluice.cwd, 'subscriptions.json'), JSON.stringify([hook]));
  expect((await sluice(['pull'])).code).toBe(0);
  const data = join(sluice.cwd, '.sluice');
  return Object.assign(sluice, { data, file: join(data, 'secrets.json') });
};

type Findings = readonly { readonly check: string; readonly verdict: string; readonly message: string }[];

const findingOf = async (sluice: CommandLine, name: string) => {
  const findings = JSON.parse((await sluice(['doctor', '--json'])).stdout) as Findings;
  return findings.find(({ check }) => check === name);
};

describe('a lost root key', () => {
  it.each([
    ['beside the state and the journal', []],
    ['beside the journal alone', ['state.sqlite', 'state.sqlite-wal', 'state.sqlite-shm']],
    ['beside the state alone', ['journal']],
  ])('%s is refused by what needs it, and never replaced', async (_, alsoLost) => {
    const sluice = await aPulledFolder();
    const secret = await sluice(['subscriptions', 'secret', 'hook']);
    expect(secret.stdout).toMatch(/^whsec_/);
    renameSync(sluice.file, `${sluice.file}.kept`);
    for (const name of alsoLost) rmSync(join(sluice.data, name), { recursive: true, force: true });
    const refused = await sluice(['subscriptions', 'secret', 'hook']);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain(`${sluice.file} is missing, but the state or the journal is there`);
    expect(refused.stderr).toContain('openssl rand -base64 32');
    expect(await sluice(['head'])).toMatchObject({ code: 1, stdout: '' });
    expect(existsSync(sluice.file)).toBe(false);
    expect(await findingOf(sluice, 'secrets/rootKey')).toMatchObject({
      verdict: 'problem',
      message: expect.stringContaining('is missing'),
    });
    copyFileSync(`${sluice.file}.kept`, sluice.file);
    expect(await sluice(['subscriptions', 'secret', 'hook'])).toEqual(secret);
  });

  it('doctor holds the newest head against the root key', async () => {
    const sluice = await aPulledFolder();
    expect(await findingOf(sluice, 'heads/key')).toBeUndefined();
    await sluice(['head']);
    expect(await findingOf(sluice, 'heads/key')).toMatchObject({ verdict: 'ok' });
    writeFileSync(sluice.file, JSON.stringify({ rootKey: 'another'.repeat(6) }));
    expect(await findingOf(sluice, 'heads/key')).toMatchObject({
      verdict: 'problem',
      message: expect.stringContaining('it is not the one that the record was made with'),
    });
    await sluice(['head']);
    expect(await findingOf(sluice, 'heads/key')).toMatchObject({ verdict: 'ok' });
  });
});
