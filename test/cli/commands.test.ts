import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { instantFromMs } from '../../shared/core/instant.ts';
import { expectNoCanary } from '../support/canaries.ts';
import { elasticsearchStandIn, shelfOf } from '../support/elasticsearch-stand-in.ts';
import { type SluiceOptions, sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const root = join(import.meta.dirname, '../..');

const sampleDocuments = () =>
  readFileSync(join(root, 'samples/samples.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .map(({ _index: index, _id: id, _source: source }) => ({
      index,
      id,
      source,
      time: instantFromMs(Date.parse(source['@timestamp'])),
    }));

/** A port of this machine that nobody answers at: reserved, and given to no service. */
const closedPort = 1024;

/** A folder with a subscription of each sample tenant to a folder. */
const aPlace = async (): Promise<SluiceOptions> => {
  const cwd = await temporaryFolder();
  const subscriptions = ['aurora', 'baltic'].map((tenant) => ({
    id: `${tenant}-files`,
    tenant,
    start: 'beginning',
    destination: { type: 'folder', path: `out/${tenant}` },
  }));
  writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify(subscriptions));
  return { cwd, env: { SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' } };
};

describe('wrong settings end with 2, every one listed', () => {
  it('in the environment', async () => {
    const cwd = await temporaryFolder();
    const env = { SLUICE_HTTP_PORT: 'x', SLUICE_SUBSCRIPTION_FILE: 'y', SLUICE_SECRET_ROOT_KEY: 'canary-secret' };
    const { code, stderr, stdout } = await sluice(['pull'], { cwd, env });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('3 settings are wrong:');
    expect(stderr).toContain('- SLUICE_HTTP_PORT must be a whole number from 0 to 65535; got "x"');
    expect(stderr).toContain('Did you mean SLUICE_SUBSCRIPTIONS_FILE?');
    expect(stderr).not.toContain('canary');
  });

  it('in a subscriptions file with five mistakes', async () => {
    const place = await aPlace();
    const url = 'https://user:canary@hooks.acme.example/canary';
    writeFileSync(
      join(place.cwd, 'subscriptions.json'),
      JSON.stringify([
        { id: 'Bad Id', tenant: 'aurora', destination: { type: 'webhook', url } },
        { id: 'x', tenant: 'arora', format: 'xml', destination: { type: 'folder', pat: 'out', path: 'out' } },
      ]),
    );
    const { code, stdout, stderr } = await sluice(['deliver'], place);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(`SLUICE_SUBSCRIPTIONS_FILE is ${join(place.cwd, 'subscriptions.json')}: 5 mistakes`);
    for (const path of ['[0].id', '[0].destination.url', '[1].tenant', '[1].format', '[1].destination.pat'])
      expect(stderr).toContain(`- ${path}: `);
    expect(stderr).not.toContain('canary');
  });

  it('in a file of settings, which the environment overrides', async () => {
    const place = await aPlace();
    writeFileSync(join(place.cwd, 'settings.env'), 'SLUICE_HTTP_PORT=x\nSLUICE_TENANT=acme\n');
    const words = ['status', '--env-file', 'settings.env'];
    const wrong = await sluice(words, { cwd: place.cwd });
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('SLUICE_HTTP_PORT must be');
    const right = await sluice(words, { cwd: place.cwd, env: { SLUICE_HTTP_PORT: '3000' } });
    expect(right.code).toBe(0);
  });
});

describe('the main job, command by command', () => {
  it('claims nothing of a source that no pull has reached the end of', async () => {
    const place = { cwd: await temporaryFolder(), env: { SLUICE_SOURCE_URL: 'file:log.ndjson' } };
    expect((await sluice(['pull'], place)).code).toBe(1);
    const { source } = JSON.parse((await sluice(['status', '--json'], place)).stdout);
    expect(source).toEqual({ id: 'log', state: 'begun', segments: 0, events: 0, unattributed: 0, reattributed: 0 });
    expect((await sluice(['status'], place)).stdout).toContain('source log: no pull has reached its end yet; 0 events');
    const findings = JSON.parse((await sluice(['doctor', '--json'], place)).stdout);
    expect(findings).toContainEqual(expect.objectContaining({ check: 'checkpoint', verdict: 'warning' }));
    writeFileSync(join(place.cwd, 'log.ndjson'), readFileSync(join(root, 'samples/samples.ndjson')));
    expect((await sluice(['pull'], place)).code).toBe(0);
    expect(JSON.parse((await sluice(['status', '--json'], place)).stdout).source.state).toBe('pulled');
  });

  it('pulls, delivers, shows where it stands, and answers a question; results on stdout, the rest on stderr', async () => {
    const place = await aPlace();
    const outputs: string[] = [];
    const json = async (...words: readonly string[]) => {
      const { code, stdout, stderr } = await sluice([...words, '--json'], place);
      outputs.push(stdout, stderr);
      expect({ code, words, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, words, stderr: '' });
      return JSON.parse(stdout);
    };
    expect(await json('status')).toMatchObject({ source: { id: 'samples', state: 'never pulled' } });
    expect(await json('pull')).toMatchObject({ result: 'done', read: 150, kept: 150, unattributed: 3 });
    expect(await json('pull')).toMatchObject({ result: 'done', kept: 0 });
    const { subscriptions } = await json('deliver');
    expect(subscriptions.map((line: { delivered: number }) => line.delivered).sort()).toEqual([49, 55]);
    expect(await json('status')).toMatchObject({
      source: { state: 'pulled', events: 150 },
      subscriptions: [
        { id: 'aurora-files', state: 'active', delivered: 55, waiting: 0 },
        { id: 'baltic-files', state: 'active', delivered: 49, waiting: 0 },
      ],
    });
    const { events, next } = await json('query', '--tenant', 'aurora', '--outcome', 'failure', '--limit', '2');
    expect(events).toHaveLength(2);
    const more = await json('query', '--tenant', 'aurora', '--outcome', 'failure', '--limit', '2', '--cursor', next);
    expect(more.events[0].event.id).not.toBe(events[1].event.id);
    expectNoCanary(outputs.join(''));
  });

  it('does the same from an Elasticsearch', async () => {
    const standIn = await elasticsearchStandIn(shelfOf(sampleDocuments()));
    onTestFinished(() => standIn.stop());
    const { cwd } = await aPlace();
    const env = {
      SLUICE_SOURCE_URL: standIn.url,
      SLUICE_SOURCE_INDEX: 'closer*',
      SLUICE_TENANTS_FILE: join(root, 'samples/tenants.json'),
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
    };
    const pulled = await sluice(['pull', '--json'], { cwd, env });
    expect(JSON.parse(pulled.stdout)).toMatchObject({ source: 'closer', kept: 150, unattributed: 3 });
    const delivered = await sluice(['deliver'], { cwd, env });
    expect(delivered.stdout).toContain('aurora-files: 55 events delivered in 1 batch; caught up.');
    expect(standIn.openViews()).toBe(0);
  });

  it('prints events as a table, as one JSON document per line in a pipe, and all of them as CSV', async () => {
    const place = await aPlace();
    const question = 'event.action: agent_login and not event.outcome: failure';
    const table = await sluice(['query', question, '--limit', '3', '--format', 'table'], place);
    const [title, ...rows] = table.stdout.trim().split('\n');
    expect(title).toMatch(/^time +action +outcome +status +user/);
    expect(rows).toHaveLength(3);
    for (const row of rows) expect(row).toMatch(/^2021-05-\d\dT\S+ +agent_login +success/);
    const lines = await sluice(['query', question, '--limit', '3'], place);
    for (const line of lines.stdout.trim().split('\n')) expect(JSON.parse(line).event.action).toBe('agent_login');
    const all = await sluice(['query', '--all', '--format', 'csv', '--fields', 'event.id,event.action'], place);
    expect(all.stdout.trim().split(/\r?\n/)).toHaveLength(1 + 150);
    expectNoCanary(table.stdout + lines.stdout + all.stdout);
  });

  it('says at which column a question goes wrong, and what --all cannot be', async () => {
    const place = await aPlace();
    const wrong = await sluice(['query', 'event.acton: agent_login'], place);
    expect(wrong).toMatchObject({ code: 2, stdout: '' });
    expect(wrong.stderr).toContain('Column 1: there is no field "event.acton". Did you mean event.action?');
    const large = await sluice(['query', '--all', '--json'], place);
    expect(large.code).toBe(2);
    expect(large.stderr).toContain('Add --format ndjson');
  });

  it('delivers only to the subscriptions it is given', async () => {
    const place = await aPlace();
    await sluice(['pull'], place);
    const { code, stdout } = await sluice(['deliver', 'baltic-files'], place);
    expect(code).toBe(0);
    expect(stdout).toBe('baltic-files: 49 events delivered in 1 batch; caught up.\n');
  });

  it('ends with 1 when a receiver does not take its events, says so, and tries again later', async () => {
    const { cwd } = await aPlace();
    const destination = { type: 'webhook', url: `http://127.0.0.1:${closedPort}/canary-path` };
    const subscription = { id: 'aurora-soc', tenant: 'aurora', start: 'beginning', destination };
    writeFileSync(join(cwd, 'subscriptions.json'), JSON.stringify([subscription]));
    const env = { SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json', SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' };
    await sluice(['pull'], { cwd, env });
    const { code, stderr } = await sluice(['deliver'], { cwd, env });
    expect(code).toBe(1);
    expect(stderr).toContain('aurora-soc: failed 1 time in a row, tried again from 20');
    expect(stderr).not.toContain('canary-path');
    const { stdout } = await sluice(['status'], { cwd, env });
    expect(stdout).toContain('aurora-soc: active, 55 waiting');
  });

  it('makes a key that is shown once, lists it without its secret, and revokes it', async () => {
    const place = await aPlace();
    const made = await sluice(['keys', 'create', '--tenant', 'aurora', '--name', 'soc'], place);
    const shown = /^sluice_(?<id>[0-9a-f]{16})_(?<secret>[\w-]{43})\n$/.exec(made.stdout)?.groups;
    const { id = '', secret = '' } = shown ?? {};
    expect(secret).toHaveLength(43);
    const listed = await sluice(['keys', 'list', '--json'], place);
    expect(JSON.parse(listed.stdout).keys).toMatchObject([
      { id, tenant: 'aurora', scopes: ['events:read'], name: 'soc' },
    ]);
    expect(listed.stdout + listed.stderr + made.stderr).not.toContain(secret);
    expect(listed.stdout).not.toContain('secretHash');
    expect((await sluice(['keys', 'revoke', id], place)).code).toBe(0);
    expect((await sluice(['keys', 'list'], place)).stdout).toContain('revoked 20');
  });

  it('hands out the signing secret of a webhook, the same each time, and never the path of its URL', async () => {
    const { cwd } = await aPlace();
    const destination = { type: 'webhook', url: 'https://hooks.acme.example/canary-path' };
    writeFileSync(
      join(cwd, 'subscriptions.json'),
      JSON.stringify([{ id: 'aurora-soc', tenant: 'aurora', destination }]),
    );
    const place = { cwd, env: { SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' } };
    const first = await sluice(['subscriptions', 'secret', 'aurora-soc'], place);
    expect(first.stdout).toMatch(/^whsec_[A-Za-z0-9+/]{43}=\n$/);
    expect((await sluice(['subscriptions', 'secret', 'aurora-soc'], place)).stdout).toBe(first.stdout);
    const listed = await sluice(['subscriptions'], place);
    expect(listed.stdout).toBe('aurora-soc  active  tenant aurora  ecs  webhook https://hooks.acme.example\n');
  });
});

describe('what is wrong in the world ends with 1 and a sentence, and nothing is lost', () => {
  const expectSentence = ({ code, stdout, stderr }: Awaited<ReturnType<typeof sluice>>, message: string | RegExp) => {
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  };

  it('an Elasticsearch that nobody answers for', async () => {
    const { cwd } = await aPlace();
    const env = {
      SLUICE_SOURCE_URL: `http://127.0.0.1:${closedPort}`,
      SLUICE_SOURCE_INDEX: 'closer*',
      SLUICE_TENANT: 'acme',
    };
    expectSentence(await sluice(['pull'], { cwd, env }), /127\.0\.0\.1:1024/);
  });

  it('a log that is not there', async () => {
    const { cwd } = await aPlace();
    const env = { SLUICE_SOURCE_URL: 'file:missing.ndjson', SLUICE_TENANT: 'acme' };
    expectSentence(await sluice(['pull'], { cwd, env }), /SLUICE_SOURCE_URL .*missing\.ndjson" does not exist/);
  });

  it('a damaged state file, which is never replaced', async () => {
    const place = await aPlace();
    await sluice(['pull'], place);
    const state = join(place.cwd, '.sluice/state.sqlite');
    writeFileSync(state, 'this is no database, but it is long enough to be taken for one'.repeat(100));
    expectSentence(await sluice(['pull'], place), /State file .*state\.sqlite is not a SQLite database/);
    expect(readFileSync(state, 'utf8')).toContain('this is no database');
  });

  it('a state file that is gone while its journal is there: it can be rebuilt, and then nothing is pulled twice', async () => {
    const place = await aPlace();
    await sluice(['pull'], place);
    const elsewhere = { ...place, env: { ...place.env, SLUICE_STATE_URL: 'sqlite:other.sqlite' } };
    expectSentence(await sluice(['pull'], elsewhere), /There is no checkpoint .* rebuild-checkpoint/);
    const rebuilt = await sluice(['rebuild-checkpoint'], elsewhere);
    expect(rebuilt.code).toBe(0);
    expect(rebuilt.stdout).toContain('The checkpoint stands at');
    expect(JSON.parse((await sluice(['pull', '--json'], elsewhere)).stdout)).toMatchObject({ kept: 0, result: 'done' });
  });
});
