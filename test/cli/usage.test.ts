import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCommand } from '../../cli/run-command.ts';
import type { Terminal } from '../../cli/terminal.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Runs a command in this process. */
const run = async (words: readonly string[], place: Pick<Terminal, 'cwd' | 'env'> = { cwd: '/', env: {} }) => {
  const output = { stdout: '', stderr: '' };
  const code = await runCommand(words, {
    ...place,
    print: (line) => {
      output.stdout += `${line}\n`;
    },
    say: (line) => {
      output.stderr += `${line}\n`;
    },
    watched: false,
    onStop: () => () => {},
    exitNow: (exitCode) => {
      throw new Error(`the command ended the process with ${exitCode}`);
    },
  });
  return { code, ...output };
};

const aPlace = async () => {
  const cwd = await temporaryFolder();
  const subscriptions = [{ id: 'aurora-files', tenant: 'aurora', destination: { type: 'folder', path: 'out' } }];
  writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify(subscriptions));
  return { cwd, env: { SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' } };
};

const commands = [
  'demo',
  'start',
  'pull',
  'deliver',
  'reconcile',
  'backfill',
  'query',
  'status',
  'audit',
  'head',
  'rebuild-checkpoint',
];
const ofSubscriptions = [
  'list',
  'show',
  'create',
  'change',
  'delete',
  'test',
  'pause',
  'resume',
  'rotate-secret',
  'replay',
  'attempts',
  'dead-letters list',
  'dead-letters show',
  'dead-letters retry',
  'dead-letters discard',
  'secret',
].map((name) => `subscriptions ${name}`);
const inGroups = [
  ...ofSubscriptions,
  'keys create',
  'keys list',
  'keys revoke',
  'tenants list',
  'tenants show',
  'tenants put',
  'tenants delete',
];

describe('every command', () => {
  it.each([...commands, ...inGroups])('%s explains itself with --help, on stdout', async (name) => {
    const { code, stdout, stderr } = await run([...name.split(' '), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Usage: sluice ${name}`);
    expect(stdout).toContain('--json');
    expect(stdout).toContain('--env-file');
  });

  it('is listed by --help', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const name of [...commands, 'subscriptions', 'keys', 'tenants'])
      expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  });
});

it('tells its version, for reports', async () => {
  const { code, stdout } = await run(['--version']);
  expect(code).toBe(0);
  expect(stdout).toMatch(/^\d+\.\d+\.\d+/);
});

describe('wrong usage ends with 2 and says what to write', () => {
  it.each([
    [['pul'], 'Did you mean pull?'],
    [['pull', '--jsn'], "unknown option '--jsn'"],
    [['deliver', 'nobody'], 'There is no subscription "nobody"'],
    [['keys', 'create'], "required option '--tenant <id>' not specified"],
    [['keys', 'create', '--tenant', 'aurorra'], 'There is no tenant "aurorra"'],
    [['keys', 'create', '--tenant', 'aurora', '--scope', 'all'], 'scopes: must be of'],
    [['subscriptions', 'secret', 'aurora-fils'], 'Did you mean aurora-files?'],
    [['subscriptions', 'secret', 'aurora-files'], 'only a webhook has a signing secret'],
    [['reconcile', '--rung', 'week'], 'Allowed choices are hour, day, horizon'],
    [['backfill', '--from', '2026-01-01'], "required option '--to <instant>' not specified"],
    [['backfill', '--from', 'yesterday', '--to', '2026-01-01'], '--from must be a day or an instant in UTC'],
    [['backfill', '--from', '2026-01-02', '--to', '2026-01-01'], '--from must be earlier than --to'],
    [['backfill', '--from', '2026-01-02', '--to', '2999-01-01'], '--to must not be in the future'],
    [['backfill', '--from', '1969-01-02', '--to', '2021-01-01'], '--from must be 1970-01-01 or later'],
    [['query', '--tenant', 'arora'], 'There is no tenant "arora". Write one of aurora, baltic, cobalt, or leave'],
    [['query', '--ip', '300.1.1.1'], 'ip: must be an address or a CIDR block'],
    [['query', '--limit', '0', '--sort', 'up'], 'sort: must be asc (oldest first) or desc'],
    [['status', '--env-file', 'missing.env'], 'missing.env cannot be read (ENOENT)'],
  ])('%j', async (words, message) => {
    const { code, stdout, stderr } = await run(words, await aPlace());
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});
