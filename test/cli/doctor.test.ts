import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../shared/flows/doctor/finding.ts';
import { pulledPlaces } from '../support/pulled-place.ts';
import { type Ended, type SluiceOptions, sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A port of this machine that nobody answers at: reserved, and given to no service. */
const closedPort = 1024;

interface Diagnosed {
  readonly code: Ended['code'];
  readonly findings: readonly Finding[];
  /** The finding of a check; its verdict, message and remedy. */
  of(check: string): Finding | undefined;
}

/** What `doctor --json` finds. Whatever it finds, it finds nothing secret. */
const doctor = async (place: SluiceOptions): Promise<Diagnosed> => {
  const { code, stdout, stderr } = await sluice(['doctor', '--json'], place);
  expect(stdout + stderr).not.toContain('canary');
  expect(stderr.replace(/.*Warning: .*NODE_TLS_REJECT_UNAUTHORIZED.*\n|.*--trace-warnings.*\n/g, '')).toBe('');
  const findings: readonly Finding[] = JSON.parse(stdout);
  return { code, findings, of: (check) => findings.find((finding) => finding.check === check) };
};

const aPlace = async (
  env: Readonly<Record<string, string>> = {},
): Promise<SluiceOptions & { readonly cwd: string }> => ({
  cwd: await temporaryFolder(),
  env,
});

const aPulledPlace = pulledPlaces();

/** Every file below a folder with its time and size. */
const traces = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .map((path) => `${path} ${statSync(path).mtimeMs} ${statSync(path).size}`)
    .sort();

describe('doctor changes nothing', () => {
  it('without any setting it looks at the samples, says what would be made, and makes none of it', async () => {
    const place = await aPlace();
    const { code, findings, of } = await doctor(place);
    expect({ code, wrong: findings.filter(({ verdict }) => verdict !== 'ok') }).toEqual({ code: 0, wrong: [] });
    expect(of('settings')?.message).toContain('None is set: the samples of the repository are read');
    expect(of('secrets/rootKey')?.message).toContain('it is made, with a new root key, at first use.');
    expect(of('state')?.message).toContain('is not there yet; the first pull makes it.');
    expect(of('checkpoint')?.message).toBe('Source "samples" was never pulled. Begin with: npx sluice pull');
    expect(readdirSync(place.cwd)).toEqual([]);
  });

  it('in a place that is at work it reads everything and leaves no trace', async () => {
    const place = await aPulledPlace();
    const before = traces(place.cwd);
    const { code, findings, of } = await doctor(place);
    expect({ code, wrong: findings.filter(({ verdict }) => verdict !== 'ok') }).toEqual({ code: 0, wrong: [] });
    expect(of('journal')?.message).toMatch(/holds \d+ segments?; the last \d+ links? of the chain holds?\.$/);
    expect(of('subscription/aurora-soc')?.message).toBe('It is caught up; 55 delivered, 0 filtered out.');
    expect(of('tenants')?.message).toBe('3 tenants: aurora, baltic, cobalt.');
    expect(of('reconcile')?.message).toContain('0 found late, 0 missed, 0 removed at the source');
    expect(traces(place.cwd)).toEqual(before);
  });
});

describe('people read it', () => {
  it('as lines in columns, what to do below, the sum on stderr, and no colours in a pipe', async () => {
    const place = await aPlace({ SLUICE_TENANT: 'acme', SLUICE_SOURCE_URL: 'file:missing.ndjson' });
    const { code, stdout, stderr } = await sluice(['doctor'], place);
    expect(code).toBe(2);
    const path = join(place.cwd, 'missing.ndjson');
    const lines = stdout.split('\n');
    const at = lines.indexOf(`problem  log                          SLUICE_SOURCE_URL "file:${path}" does not exist.`);
    expect(at).toBeGreaterThan(0);
    expect(lines[at + 1]).toBe(
      '                                      → Check the path; a relative one begins where the command was started.',
    );
    expect(stderr).toMatch(/^1 problem, \d+ ok\.\n$/);
    expect(stdout).not.toContain('\u001b');
  });
});

describe('settings', () => {
  it('are all named at once, and what does not depend on them is checked all the same', async () => {
    const place = await aPlace({
      SLUICE_HTTP_PORT: 'x',
      SLUICE_TENANTT: 'acme',
      SLUICE_STATE_URL: 'mysql:canary',
      SLUICE_SECRETS: 'env:',
      SLUICE_SECRET_ROOT_KEY: 'canary-that-is-too-short',
    });
    const { stdout } = await sluice(['doctor', '--json'], place);
    const findings: readonly Finding[] = JSON.parse(stdout);
    const named = findings.filter(({ check }) => check === 'settings').map(({ message }) => message.split(' ')[0]);
    expect(named.sort()).toEqual(['SLUICE_HTTP_PORT', 'SLUICE_SECRET_ROOT_KEY', 'SLUICE_STATE_URL', 'SLUICE_TENANTT']);
    expect(findings.find(({ check }) => check === 'state')).toEqual({
      check: 'state',
      verdict: 'warning',
      message: 'Not checked: SLUICE_STATE_URL is wrong.',
      remedy: 'Correct the setting, then run doctor again.',
    });
    expect(findings.find(({ check }) => check === 'log/lines')?.verdict).toBe('ok');
    expect(stdout).not.toContain('canary-that');
  });

  it.each([
    [{ SLUICE_SOURCE_URL: 'https://es.example.com' }, 'SLUICE_SOURCE_INDEX must be set'],
    [
      { SLUICE_SOURCE_URL: 'https://es.example.com', SLUICE_SOURCE_INDEX: '<closer-{now/d}>' },
      'SLUICE_SOURCE_INDEX must be an index name or pattern; got "<closer-{now/d}>".',
    ],
    [
      { SLUICE_TENANT: 'acme', SLUICE_TENANTS_FILE: 'x.json' },
      'SLUICE_TENANT and SLUICE_TENANTS_FILE exclude each other',
    ],
    [{ SLUICE_QUEUE_URL: 'sqs:https://sqs.example.com/queue' }, 'SLUICE_QUEUE_URL must be inline: or sqs:'],
  ])('%o', async (env, message) => {
    const { code, of } = await doctor(await aPlace(env));
    expect(code).toBe(2);
    expect(of('settings')).toMatchObject({ verdict: 'problem', message: expect.stringContaining(message) });
    expect(of('settings')?.remedy).toBeTruthy();
  });

  it('of Node that trust everybody are a problem', async () => {
    const { code, of } = await doctor(await aPlace({ NODE_TLS_REJECT_UNAUTHORIZED: '0' }));
    expect(code).toBe(2);
    expect(of('settings/trust')?.message).toContain('no certificate is checked');
  });

  it('of a file count as well, and a file that cannot be read is wrong usage', async () => {
    const place = await aPlace();
    writeFileSync(join(place.cwd, 'settings.env'), 'SLUICE_HTTP_PORT=x\n');
    const { code, stdout } = await sluice(['doctor', '--env-file', 'settings.env'], place);
    expect({ code, stdout }).toMatchObject({ code: 2, stdout: expect.stringContaining('SLUICE_HTTP_PORT must be') });
    expect(await sluice(['doctor', '--env-file', 'none.env'], place)).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('the source', () => {
  const elasticsearchAt = (port: number, host = '127.0.0.1') =>
    aPlace({ SLUICE_SOURCE_URL: `http://${host}:${port}`, SLUICE_SOURCE_INDEX: 'closer*', SLUICE_TENANT: 'acme' });

  it('that nobody answers for is one problem, not ten', async () => {
    const { code, findings, of } = await doctor(await elasticsearchAt(closedPort));
    expect(code).toBe(2);
    expect(findings.filter(({ verdict }) => verdict !== 'ok')).toHaveLength(1);
    expect(of('elasticsearch')).toEqual({
      check: 'elasticsearch',
      verdict: 'problem',
      message: `Nothing listens at http://127.0.0.1:${closedPort} (connection refused).`,
      remedy: `Check that Elasticsearch runs, and the port in SLUICE_SOURCE_URL (http://127.0.0.1:${closedPort}).`,
    });
  });

  it('that accepts and never answers holds nothing up for long', async () => {
    const silent = createServer(() => {});
    await new Promise<void>((listening) => silent.listen(0, '127.0.0.1', listening));
    onTestFinished(() => {
      silent.closeAllConnections();
      silent.close();
    });
    const address = silent.address();
    const { code, of } = await doctor(await elasticsearchAt(typeof address === 'object' && address ? address.port : 0));
    expect(code).toBe(2);
    expect(of('elasticsearch')?.message).toMatch(/did not answer within \d+ ms\.$/);
    expect(of('journal')?.verdict).toBe('ok');
  });

  it('that is OpenSearch is named as that', async () => {
    const server = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'x-opensearch-version': 'OpenSearch/3.8.0' });
      response.end('{"version":{"distribution":"opensearch","number":"3.8.0"}}');
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    onTestFinished(() => void server.close());
    const address = server.address();
    const { code, of } = await doctor(await elasticsearchAt(typeof address === 'object' && address ? address.port : 0));
    expect(code).toBe(2);
    expect(of('elasticsearch')?.message).toContain('it is not Elasticsearch');
  });

  it.each([
    ['has no line that can be read', 'no json\nnor this\n', 'problem', 'Neither the first nor the last line of'],
    ['has no time where the setting says', '{"at":"2026-11-20T10:00:00Z"}\n', 'problem', 'with a time in "@timestamp"'],
    [
      'begins with something else',
      '# a comment\n{"@timestamp":"2026-11-20T10:00:00Z"}\n',
      'warning',
      'The first or last line of log.ndjson is no JSON object',
    ],
  ])('that is a log and %s', async (_, text, verdict, message) => {
    const place = await aPlace({ SLUICE_SOURCE_URL: 'file:log.ndjson', SLUICE_TENANT: 'acme' });
    writeFileSync(join(place.cwd, 'log.ndjson'), text);
    const { code, of } = await doctor(place);
    expect(code).toBe(verdict === 'problem' ? 2 : 1);
    expect(of('log/lines')).toMatchObject({ verdict, message: expect.stringContaining(message) });
  });

  it('whose newest events belong to nobody', async () => {
    const place = await aPlace({ SLUICE_SOURCE_URL: 'file:log.ndjson' });
    const event = { '@timestamp': new Date().toISOString(), message: { 'event.action': 'agent_login' } };
    writeFileSync(join(place.cwd, 'log.ndjson'), `${JSON.stringify(event)}\n{"@timestamp":"${event['@timestamp']}"}\n`);
    const { code, of } = await doctor(place);
    expect(code).toBe(1);
    expect(of('tenants')).toMatchObject({ verdict: 'warning', remedy: expect.stringContaining('SLUICE_TENANT') });
    expect(of('volume')?.message).toContain('About 1 event a minute (2 events in 24 hours)');
    expect(of('volume/unattributed')).toMatchObject({
      verdict: 'warning',
      message: expect.stringContaining('2 of the newest 2 belong to no known tenant'),
    });
  });
});

describe('secrets', () => {
  const place = async (text: string, mode = 0o600) => {
    const made = await aPlace({ SLUICE_SECRETS: 'file:secrets.json' });
    writeFileSync(join(made.cwd, 'secrets.json'), text, { mode });
    return made;
  };

  it.each([
    ['is no JSON', '{"rootKey":"canary', 'must hold a JSON object'],
    ['has a short root key', '{"rootKey":"canary"}', 'must be a text of at least 32 random characters; got 6.'],
    ['has no root key', '{}', 'holds no "rootKey"'],
  ])('whose file %s', async (_, text, message) => {
    const { code, of } = await doctor(await place(text));
    expect(code).toBe(2);
    expect(of('secrets/rootKey')).toMatchObject({ verdict: 'problem', message: expect.stringContaining(message) });
  });

  it('whose file everybody may read', async () => {
    const { code, of } = await doctor(await place(`{"rootKey":"${'canary'.repeat(8)}"}`, 0o644));
    expect(code).toBe(2);
    expect(of('secrets/rootKey')?.verdict).toBe('problem');
  });

  it('whose file is missing although it was named', async () => {
    const { code, of } = await doctor(await aPlace({ SLUICE_SECRETS: 'file:secrets.json' }));
    expect(code).toBe(2);
    expect(of('secrets/rootKey')?.message).toContain('does not exist');
  });

  it('with credentials for Elasticsearch that cannot be read', async () => {
    const made = await place(`{"rootKey":"${'k'.repeat(40)}","elasticsearch":{"key":"canary"}}`);
    const env = { ...made.env, SLUICE_SOURCE_URL: `http://127.0.0.1:${closedPort}`, SLUICE_SOURCE_INDEX: 'closer*' };
    const { code, of } = await doctor({ ...made, env });
    expect(code).toBe(2);
    expect(of('secrets/rootKey')?.message).toContain('every value a text that is not empty');
  });
});

describe('tenants and subscriptions', () => {
  it('whose directory is no JSON', async () => {
    const place = await aPlace({ SLUICE_TENANTS_FILE: 'tenants.json' });
    writeFileSync(join(place.cwd, 'tenants.json'), '[{"id": "aurora"');
    const { code, of } = await doctor(place);
    expect(code).toBe(2);
    expect(of('tenants')?.message).toContain('SLUICE_TENANTS_FILE is');
    expect(of('journal')?.verdict).toBe('ok');
  });

  it('of a tenant that nobody knows, and with a URL that is refused', async () => {
    const place = await aPlace({ SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json' });
    const destination = { type: 'webhook', url: 'https://10.0.0.1/canary-path' };
    writeFileSync(join(place.cwd, 'subscriptions.json'), JSON.stringify([{ id: 'soc', tenant: 'arora', destination }]));
    const { code, of } = await doctor(place);
    expect(code).toBe(2);
    const { message, remedy } = of('subscriptions') ?? {};
    expect(`${message} ${remedy}`).toContain('[0].tenant');
    expect(`${message} ${remedy}`).toContain('[0].destination.url');
  });
});
