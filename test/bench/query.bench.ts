/**
 * What the query function adds to Elasticsearch: `ELASTICSEARCH_URL=… node test/bench/query.bench.ts [documents]`. 500 000 events of 1.5 KB
 * of 3 027 tenants are put into an index of its own, mapped as Elasticsearch does by itself. Pages of 100 are asked for, in turn by the very search that
 * the function sends, straight to the server, and through the whole function: key, question, search, reading, attribution, redaction, answer. Prints
 * both p95 and their ratio for each kind of question; ends with 1 when one is above 1.25.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { HttpConnection } from '@elastic/elasticsearch';
import { queryHandler } from '../../functions/query/handler.ts';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeTo, parseTenants, type Tenant } from '../../shared/core/tenants.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { serverAt } from '../real/elasticsearch/server.ts';
import { storeKey } from '../support/store-key.ts';
import { hitTemplates, pageBytes } from './documents.ts';

const url = process.env['ELASTICSEARCH_URL'];
if (url === undefined) throw new Error('Set ELASTICSEARCH_URL; test/real/elasticsearch/start starts a server.');
const documents = Number(process.argv[2] ?? 500_000);
/** Prime, so that every one has events of every sample. */
const towns = 1_009;
const questions = 400;
const warmUp = 100;
const most = 1.25;
const index = `query-bench-${process.pid}`;
const server = serverAt(url);
const agent = new Agent({ keepAlive: true });

/** The samples' ids and e-mails, as another group of tenants has them. */
const inTown = (text: string, town: number): string =>
  text
    .replaceAll(
      /\b([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{9})[0-9a-f]{3}\b/g,
      `$1${town.toString(16).padStart(3, '0')}`,
    )
    .replaceAll(/\b([a-z]+\.[a-z]+)@/g, `$1.${town}@`);
const samplesTenants = readFileSync('samples/tenants.json', 'utf8');
const tenants: readonly Tenant[] = Array.from({ length: towns }, (_, town) =>
  parseTenants(JSON.parse(inTown(samplesTenants, town))).tenants.map((tenant) => ({
    ...tenant,
    id: `${tenant.id}-${town}`,
  })),
).flat();

const fill = async (): Promise<void> => {
  await server.send('PUT', `/${index}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: -1 },
  });
  const templates = hitTemplates();
  for (let from = 0; from < documents; from += 2_000) {
    const page = JSON.parse(pageBytes(templates, from, Math.min(2_000, documents - from), documents).toString()) as {
      hits: { hits: readonly { _id: string; _source: unknown }[] };
    };
    const lines = page.hits.hits.flatMap(({ _id, _source }, n) => [
      JSON.stringify({ create: { _id } }),
      // Neighbours in time are of different tenants.
      inTown(JSON.stringify(_source), ((from + n) * 389) % towns),
    ]);
    await server.send('POST', `/${index}/_bulk`, `${lines.join('\n')}\n`);
  }
  await server.send('POST', `/${index}/_refresh`);
  await server.send('POST', `/${index}/_forcemerge?max_num_segments=1`);
};

/** The search that the function sent last. */
let sent = '';
class Tapped extends HttpConnection {
  override async request(...[params, options]: Parameters<HttpConnection['request']>) {
    if (params.path.endsWith('/_search')) sent = String(params.body);
    return super.request(params, options as never) as never;
  }
}

const straight = (body: string): Promise<() => number> =>
  new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const path = `/${index}/_search?allow_partial_search_results=false`;
    const asked = request(`${url}${path}`, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { hits } = JSON.parse(Buffer.concat(chunks).toString()) as { hits: { hits: readonly unknown[] } };
        resolve(() => hits.hits.length);
      });
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });

const records = memoryRecordStore();
const secrets = memorySecrets({ rootKey: 'the root key of the measurement' });
const silent = () => {};
const read = hitReader({ timeField: '@timestamp', attribute: attributeTo({ tenants }) });
const handler = queryHandler(
  Promise.resolve({
    source: elasticsearchSource({ id: 'closer', url, index, timeField: '@timestamp', secrets, clock, wire: Tapped }),
    reader: async () => read,
    evidenceOf: async (tenant) => tenants.find(({ id }) => id === tenant),
    records,
    secrets,
    clock,
    telemetry: {
      pullRun: silent,
      attempt: silent,
      deliverRun: silent,
      reconcileRun: silent,
      alert: silent,
      notice: silent,
    },
  }),
);
const event = JSON.parse(readFileSync('test/fixtures/lambda/query.json', 'utf8'));

const through = async (query: string, key: string): Promise<() => number> => {
  const asked = {
    ...event,
    rawQueryString: `${query}&sort=asc&limit=100`,
    headers: { ...event.headers, authorization: `Bearer ${key}` },
  };
  const answer = (await handler(asked, {} as Parameters<typeof handler>[1])) as { statusCode: number; body: string };
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body.slice(0, 300)}`);
  return () => (JSON.parse(answer.body) as { events: readonly unknown[] }).events.length;
};

const begin = Date.UTC(2026, 0, 1);
/** A time with at least this many milliseconds, and as many events, behind it. */
const someTime = (nth: number, behind: number): string =>
  new Date(begin + ((nth * 7_919) % (documents - behind))).toISOString();
const kinds: readonly { name: string; query: (nth: number) => string; tenant: (nth: number) => string }[] = [
  { name: 'an operator, of everything since a time', query: (nth) => `from=${someTime(nth, 200)}`, tenant: () => '*' },
  {
    name: 'an operator, of failures since a time',
    query: (nth) => `q=event.outcome%3A+failure&from=${someTime(nth, 5_000)}`,
    tenant: () => '*',
  },
  {
    name: 'one tenant of 3 027, of everything',
    query: () => `from=${new Date(begin).toISOString()}`,
    tenant: (nth) => `aurora-${nth % 40}`,
  },
];

const keys = new Map<string, string>();
/** Each key has a quota of 600 questions. */
const keyOf = async (tenant: string, nth: number): Promise<string> => {
  const name = `${tenant} ${nth % 4}`;
  const key = keys.get(name) ?? (await storeKey({ records, clock }, { tenant, scopes: ['events:read'] })).text;
  keys.set(name, key);
  return key;
};

const sorted = (times: readonly number[]): readonly number[] => times.toSorted((a, b) => a - b);
const p95 = (times: readonly number[]): number => sorted(times)[Math.floor(times.length * 0.95)] ?? 0;
const median = (times: readonly number[]): number => sorted(times)[times.length >> 1] ?? 0;
/** Counting what came is not part of it. */
const timed = async (work: () => Promise<() => number>, least: number): Promise<number> => {
  const started = performance.now();
  const count = await work();
  const spent = performance.now() - started;
  if (count() < least) throw new Error(`a page must hold ${least} events; it holds ${count()}`);
  return spent;
};

await fill();
try {
  for (const { name, query, tenant } of kinds) {
    const times = { straight: [] as number[], through: [] as number[] };
    for (let nth = 0; nth < warmUp + questions; nth += 1) {
      const [asked, key] = [query(nth), await keyOf(tenant(nth), nth)];
      await through(asked, key);
      const search = sent;
      const order = nth % 2 === 0 ? (['straight', 'through'] as const) : (['through', 'straight'] as const);
      for (const way of order) {
        const spent = await timed(() => (way === 'straight' ? straight(search) : through(asked, key)), 100);
        if (nth >= warmUp) times[way].push(spent);
      }
    }
    const [direct, whole] = [p95(times.straight), p95(times.through)];
    const ratio = whole / direct;
    process.stdout.write(
      `p95 of a page of 100 of ${documents} events for ${name}: ${ratio.toFixed(2)} of the search alone, at most ${most} asked; ${whole.toFixed(1)} and ${direct.toFixed(1)} ms, medians ${median(times.through).toFixed(1)} and ${median(times.straight).toFixed(1)} ms\n`,
    );
    if (ratio > most) process.exitCode = 1;
  }
} finally {
  await server.send('DELETE', `/${index}`);
  agent.destroy();
}
