import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { expectNoCanary } from '../../support/canaries.ts';
import { commandsWith } from './commands.ts';

const root = join(import.meta.dirname, '../../..');
const query = 'test/fixtures/lambda/query.json';
const manage = 'test/fixtures/lambda/manage.json';

interface Template {
  readonly Resources: Readonly<
    Record<string, { readonly Properties: { readonly VisibilityTimeout?: number; readonly Timeout?: number } }>
  >;
}

/** The JSON that a command prints after its log lines. */
const lastJson = (stdout: string): unknown => JSON.parse(stdout.slice(stdout.search(/^\{$/m)));

describe('sls on one machine, without an AWS account and without settings', () => {
  let data: string;
  let pulled: string;
  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), 'sluice-sls-'));
    pulled = await sls('invoke', 'local', '-f', 'pull');
  });
  afterAll(() => rm(data, { recursive: true, force: true }));
  // Only the place of the data: what lies in the project is a developer's own.
  const sls = (...args: readonly string[]) => commandsWith({ SLUICE_DATA: data }).sls(...args);

  it('sls invoke local -f pull journals the samples, and prints what it did', () => {
    expect(lastJson(pulled)).toMatchObject({ result: 'done', read: 150, journaled: 150 });
    expectNoCanary(pulled);
  });

  it('sls invoke local -f reconcile compares the samples with their journal, and finds nothing missing', async () => {
    expect(lastJson(await sls('invoke', 'local', '-f', 'reconcile'))).toMatchObject({
      rung: 'horizon',
      result: 'done',
      recovered: 0,
      removedAtSource: 0,
    });
  });

  it('sls invoke local -f deliver has nothing to do while nobody subscribes', async () => {
    expect(lastJson(await sls('invoke', 'local', '-f', 'deliver'))).toEqual({ subscriptions: [] });
  });

  it('sls invoke local -f deliver delivers everything to a subscription of a file', async () => {
    const destination = { type: 'folder', path: join(data, 'delivered') };
    const file = join(data, 'subscriptions.json');
    await writeFile(file, JSON.stringify([{ id: 'local-folder', tenant: '*', start: 'beginning', destination }]));
    // Relative to where the command is typed.
    const { sls } = commandsWith({ SLUICE_DATA: data, SLUICE_SUBSCRIPTIONS_FILE: relative(root, file) });
    const told = await sls('invoke', 'local', '-f', 'deliver');
    expect(lastJson(told)).toMatchObject({
      subscriptions: [{ subscription: 'local-folder', result: 'caught up', delivered: 150 }],
    });
  });

  it(`sls invoke local -f query --path ${query} prints matching events, with a key that is revoked afterwards`, async () => {
    const told = await sls('invoke', 'local', '-f', 'query', '--path', query);
    const answer = lastJson(told) as { statusCode: number; body: string };
    expect(answer.statusCode).toBe(200);
    const { events } = JSON.parse(answer.body) as { events: { event: { action: string; outcome: string } }[] };
    expect(events).toHaveLength(5);
    for (const { event } of events)
      expect(event).toMatchObject({ outcome: 'failure', action: expect.stringMatching(/agent_login|role_change/) });
    expectNoCanary(told);
    const { keys } = JSON.parse(await commandsWith({ SLUICE_DATA: data }).sluice('keys', 'list', '--json')) as {
      keys: { name: string; revokedAt?: string }[];
    };
    expect(keys).toEqual([expect.objectContaining({ name: 'sls invoke local', revokedAt: expect.any(String) })]);
  });

  it(`sls invoke local -f manage --path ${manage} tells how far everything has come`, async () => {
    const told = await sls('invoke', 'local', '-f', 'manage', '--path', manage);
    const answer = lastJson(told) as { statusCode: number; body: string };
    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(answer.body)).toMatchObject({
      source: { completeThrough: expect.any(String) },
      subscriptions: [],
    });
    expectNoCanary(told);
  });

  it('sls package packs one bundle per function, and a template that cfn-lint accepts, without a right to everything', async () => {
    await sls('package');
    const files = await readdir(join(root, '.serverless'));
    expect(files.filter((file) => file.endsWith('.zip')).sort()).toEqual([
      'deliver.zip',
      'manage.zip',
      'pull.zip',
      'query.zip',
      'reconcile.zip',
    ]);
    const template = join(root, '.serverless/cloudformation-template-update-stack.json');
    const { AWS_WORK = join(root, '.aws') } = process.env;
    // W3005: the framework writes dependencies that CloudFormation would find by itself.
    await promisify(execFile)(join(AWS_WORK, 'venv/bin/cfn-lint'), ['--ignore-checks', 'W3005', '--', template]);
    const { Resources } = JSON.parse(await readFile(template, 'utf8')) as Template;
    const { VisibilityTimeout = 0 } = Resources['WorkQueue']?.Properties ?? {};
    const { Timeout = Number.POSITIVE_INFINITY } = Resources['DeliverLambdaFunction']?.Properties ?? {};
    expect(VisibilityTimeout).toBeGreaterThanOrEqual(6 * Timeout);
    for (const name of ['Pull', 'Reconcile', 'Deliver', 'Query', 'Manage']) {
      const rights = JSON.stringify(Resources[`${name}IamRoleLambdaExecution`]);
      expect(rights).toContain('secretsmanager:GetSecretValue');
      expect(rights).not.toMatch(/"(s3|dynamodb|sqs|sts|secretsmanager|iam):\*"|"Resource":\s*"\*"/);
      // Every right to the table is one to named partitions.
      expect(rights.match(/"dynamodb:LeadingKeys"/g)?.length).toBe(rights.match(/"Action":\["dynamodb:/g)?.length);
    }
    expect(Resources['StateTable']?.Properties).toMatchObject({
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    });
    expect(Resources['HttpApiStage']?.Properties).toMatchObject({
      DefaultRouteSettings: { ThrottlingRateLimit: expect.any(Number), ThrottlingBurstLimit: expect.any(Number) },
    });
  });

  it('sls deploy refuses to deploy functions that have nothing to read, naming the settings', async () => {
    await expect(sls('deploy')).rejects.toThrow('SLUICE_SOURCE_URL and SLUICE_SOURCE_INDEX must be set');
  });

  it('sls offline answers HTTP and runs the schedule', async () => {
    const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`;
    const options = ['offline', '--httpPort', '3917', '--lambdaPort', '3918', '--noSponsor'];
    const child = spawn('sls', options, {
      cwd: root,
      env: { ...process.env, PATH: path, SLUICE_DATA: data },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let told = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        told += chunk;
      });
    const ended = new Promise((resolve) => child.once('close', resolve));
    try {
      await vi.waitFor(() => expect(told).toMatch(/Server ready/), { timeout: 60_000, interval: 200 });
      const url = 'http://127.0.0.1:3917/v1/events?limit=2';
      expect((await fetch(url)).status).toBe(401);
      const { sluice } = commandsWith({ SLUICE_DATA: data });
      const key = (await sluice('keys', 'create', '--tenant', '*')).trim();
      const answer = await fetch(url, { headers: { authorization: `Bearer ${key}` } });
      expect(await answer.json()).toMatchObject({ events: [expect.anything(), expect.anything()] });
      expect((await fetch('http://127.0.0.1:3917/health')).status).toBe(200);
      expect((await fetch('http://127.0.0.1:3917/v1/keys', { method: 'PUT' })).headers.get('allow')).toContain('POST');
      await vi.waitFor(() => expect(told).toMatch(/"message":"pull"/), { timeout: 70_000, interval: 500 });
    } finally {
      child.kill('SIGINT');
      await ended;
    }
  }, 150_000);
});
