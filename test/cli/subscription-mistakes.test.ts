import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SubscriptionView } from '../../shared/flows/manage/subscription-view.ts';
import { type CommandLine, commandLine } from '../support/command-line.ts';

const aPlace = (): Promise<CommandLine> => commandLine({ SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' });
const show = (sluice: CommandLine, id: string): Promise<SubscriptionView> => sluice.json(['subscriptions', 'show', id]);

describe('mistakes in a subscription', () => {
  it('are all said at once, each with its place, and nothing is done', async () => {
    const sluice = await aPlace();
    const words = ['--tenant', 'aurora', '--webhook', 'http://x', '--format', 'xml', '--max-events', 'many'];
    const { code, stdout, stderr } = await sluice(['subscriptions', 'create', ...words]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^There are 3 mistakes; nothing was done:\n/);
    for (const place of ['/format', '/destination/url', '/batch/maxEvents']) expect(stderr).toContain(`\n- ${place}: `);
    expect((await sluice(['audit'])).stderr).toContain('Nothing was changed');
  });

  it.each([
    [['create'], 'Say what to write'],
    [['create', 'missing.json'], 'missing.json cannot be read (ENOENT)'],
    [['create', 'no.json'], 'no.json is no JSON'],
    [['create', 'no.json', '--poll'], 'a file or options, not both'],
    [['create', '--tenant', 'aurora', '--poll', '--webhook', 'https://x'], 'not both'],
    [['create', '--tenant', 'nobody', '--poll'], '/tenant: '],
    [['create', '--poll'], '/tenant: must be the id of a tenant'],
    [['show', 'aurora-nobody'], 'There is no subscription "aurora-nobody"'],
    [['change', 'aurora-nobody'], 'Say what to write'],
    [['change', 'x', '--poll'], "unknown option '--poll'"],
    [['delete', 'aurora-aaaaaaaaaaaa'], 'There is no subscription'],
    [['delete', 'x', '--if-version', 'one'], '--if-version must be a whole number'],
    [['attempts', 'x', '--limit', '1000'], '--limit must be a whole number from 1 to 100'],
    [['rotate-secret', 'x', '--overlap', 'long'], '--overlap must be a number and its unit'],
    [['replay', 'x'], "required option '--from <when>'"],
    [['replay', 'x'], '(sluice subscriptions replay --help explains it)'],
    [['dead-letters', 'show', 'x'], '(sluice subscriptions dead-letters show --help explains it)'],
    [['dead-letters', 'discard', 'x', 'y'], "required option '--reason <text>'"],
  ])('subscriptions %j ends with 2 and says what to write', async (words, message) => {
    const sluice = await aPlace();
    writeFileSync(join(sluice.cwd, 'no.json'), '{"url":"https://x/canary-secret"');
    const { code, stdout, stderr } = await sluice(['subscriptions', ...words]);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('canary-secret');
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('a subscription that was renamed in the file is named with the state that is kept for it', async () => {
    const sluice = await commandLine({ SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' });
    const write = (id: string) =>
      writeFileSync(
        join(sluice.cwd, 'subscriptions.json'),
        JSON.stringify([{ id, tenant: 'aurora', start: 'beginning', destination: { type: 'folder', path: 'out' } }]),
      );
    write('hook');
    expect((await sluice(['deliver'])).code).toBe(0);
    await sluice(['pull']);
    expect((await sluice(['status'])).stdout).not.toContain('state kept');
    write('hook-2');
    const words = 'hook: state kept, 1 segment behind the journal, in no file and not made by the API';
    const { code, stdout } = await sluice(['status']);
    expect(stdout).toContain(words);
    expect(code).toBe(0);
    expect((await sluice(['doctor'])).stdout).toContain(words);
  });

  it('a subscription of the file is shown and paused, and changed in the file alone', async () => {
    const sluice = await commandLine({ SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' });
    const subscription = { id: 'files', tenant: 'aurora', destination: { type: 'folder', path: 'out' } };
    writeFileSync(join(sluice.cwd, 'subscriptions.json'), JSON.stringify([subscription]));
    await sluice(['pull']);
    expect(await show(sluice, 'files')).toMatchObject({ managed: 'file', destination: { type: 'folder' } });
    for (const words of [['show'], ['retry'], ['discard', '--reason', 'none']]) {
      const [command = '', ...options] = words;
      const wrong = await sluice(['subscriptions', 'dead-letters', command, 'files', 'letter', ...options]);
      expect(wrong).toMatchObject({ code: 2, stdout: '' });
      expect(wrong.stderr).toContain('Subscription "files" has no dead letter "letter".');
    }
    for (const words of [
      ['change', 'files', '--format', 'ecs'],
      ['delete', 'files'],
    ])
      expect(await sluice(['subscriptions', ...words])).toMatchObject({ code: 1, stdout: '' });
    expect((await sluice(['subscriptions', 'delete', 'files'])).stderr).toContain('SLUICE_SUBSCRIPTIONS_FILE');
    expect(await sluice.json(['subscriptions', 'pause', 'files'])).toMatchObject({ state: 'paused' });
  });
});
