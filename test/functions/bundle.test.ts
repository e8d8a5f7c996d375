import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budgets } from '../../deploy/bundle-budget.ts';
import { bundleOptions } from '../../deploy/bundle-options.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import request from '../fixtures/lambda/query.json' with { type: 'json' };
import { storeKey } from '../support/store-key.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** Invokes a bundle as Lambda does, in a process of its own and far from the sources and their packages. */
const invoke = async (
  bundle: string,
  event: unknown,
  env: Readonly<Record<string, string>>,
  cwd: string,
): Promise<unknown> => {
  const script = `
    import(${JSON.stringify(bundle)}).then(async ({ handler }) => {
      const answer = await handler(JSON.parse(process.argv[1]), { getRemainingTimeInMillis: () => 60000 });
      process.stdout.write('\\n' + JSON.stringify(answer), () => process.exit(0));
    });`;
  const { stdout } = await run(process.execPath, ['-e', script, JSON.stringify(event)], {
    cwd,
    env: { PATH: '', ...env },
  });
  return JSON.parse(stdout.slice(stdout.lastIndexOf('\n') + 1));
};

/** The questions that a pull and a query ask of Elasticsearch, answered with one hit. */
const anElasticsearch = async () => {
  const asked: string[] = [];
  const hit = {
    _index: 'closer',
    _id: 'only',
    _source: { '@timestamp': '2026-01-01T00:00:00Z', message: { 'event.action': 'agent_login' } },
    sort: ['2026-01-01T00:00:00Z', 1],
  };
  const whole = { total: 1, successful: 1, skipped: 0, failed: 0 };
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk) => chunks.push(chunk));
    incoming.on('end', () => {
      const path = new URL(incoming.url ?? '', 'http://es').pathname;
      asked.push(`${incoming.method} ${path}`);
      const body = Buffer.concat(chunks).toString();
      const later = body.includes('"search_after"') || body.includes('must_not');
      const hits = { total: { value: later ? 0 : 1, relation: 'eq' }, hits: later ? [] : [hit] };
      const answer = path.endsWith('/_field_caps')
        ? {
            indices: ['closer'],
            fields: { '@timestamp': { date: { type: 'date', searchable: true, aggregatable: true } } },
          }
        : path.endsWith('/_pit')
          ? { id: 'pit', succeeded: true, num_freed: 1, _shards: whole }
          : { pit_id: 'pit', took: 1, timed_out: false, _shards: whole, count: later ? 0 : 1, hits };
      response.writeHead(200, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' });
      response.end(JSON.stringify(path === '/' ? { version: { number: '9.5.3' } } : answer));
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://127.0.0.1:${port}`, close: () => server.close() };
};

describe('the bundles of the functions', () => {
  let folder = '';
  const bundleOf = (name: string): string => join(folder, 'functions', name, 'index.js');

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-bundles-'));
    await mkdir(join(folder, 'functions'), { recursive: true });
    await writeFile(join(folder, 'functions/package.json'), '{ "type": "module" }');
    for (const name of Object.keys(budgets))
      await build({
        ...bundleOptions,
        absWorkingDir: root,
        entryPoints: [`functions/${name}/index.ts`],
        outdir: join(folder, 'functions', name),
        logLevel: 'silent',
      });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(Object.entries(budgets))('%s stays within %i bytes', async (name, most) => {
    expect((await stat(bundleOf(name))).size).toBeLessThanOrEqual(most);
  });

  it('search an Elasticsearch without the library that is left out of them', async () => {
    const server = await anElasticsearch();
    try {
      const env = {
        SLUICE_SOURCE_URL: server.url,
        SLUICE_SOURCE_INDEX: 'closer',
        SLUICE_TENANT: 'acme',
        SLUICE_SECRETS: 'env:',
        SLUICE_SECRET_ROOT_KEY: randomBytes(32).toString('base64'),
      };
      expect(await invoke(bundleOf('pull'), {}, env, folder)).toMatchObject({ result: 'done', read: 1, journaled: 1 });
      const records = sqliteRecordStore({ path: join(folder, '.sluice/state.sqlite') });
      const { text } = await storeKey({ records, clock }, { tenant: 'acme', scopes: ['events:read'] });
      records.close();
      const asked = { ...request, rawQueryString: 'limit=5', headers: { authorization: `Bearer ${text}` } };
      const answer = await invoke(bundleOf('query'), asked, env, folder);
      expect(answer).toMatchObject({ statusCode: 200, body: expect.stringContaining('closer/only') });
      expect(await invoke(bundleOf('deliver'), {}, env, folder)).toEqual({ subscriptions: [] });
      expect(server.asked).toContain('POST /_search');
    } finally {
      server.close();
    }
  });

  it('fail to build when they grow past their budget', async () => {
    const tight = {
      ...bundleOptions,
      entryPoints: [join(root, 'functions/query/index.ts')],
      outdir: join(folder, 'tight/query'),
      logLevel: 'silent' as const,
    };
    const padding = `/*! ${'x'.repeat(budgets['query'] ?? 0)} */`;
    await expect(build({ ...tight, footer: { js: padding } })).rejects.toThrow(
      /query has \d+ KB, its budget is 1100 KB/,
    );
  });
});
