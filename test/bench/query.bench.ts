/**
 * What the query function adds to Elasticsearch: `ELASTICSEARCH_URL=… node test/bench/query.bench.ts [documents]`. 500 000 events of 1.5 KB
 * are put into an index of its own, then one page of 100 is asked for, in turn by the same search (100 and one more) sent straight to the server and through
 * the whole function: key, question, search, reading, redaction, answer. Prints both p95 and their ratio; ends with 1 above 1.25.
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { queryHandler } from '../../functions/query/handler.ts';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { createApiKey } from '../../shared/flows/api-keys.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { serverAt } from '../real/elasticsearch/server.ts';
import { hitTemplates, pageBytes } from './documents.ts';

const url = process.env['ELASTICSEARCH_URL'];
if (url === undefined) throw new Error('Set ELASTICSEARCH_URL; test/real/elasticsearch/start starts a server.');
const documents = Number(process.argv[2] ?? 500_000);
const questions = 600;
const most = 1.25;
const index = `query-bench-${process.pid}`;
const server = serverAt(url);
const agent = new Agent({ keepAlive: true });

const fill = async (): Promise<void> => {
  await server.send('PUT', `/${index}`, {
    settings: { number_of_shards: 1, number_of_replicas: 0, refresh_interval: -1 },
    mappings: { dynamic: false, properties: { '@timestamp': { type: 'date' } } },
  });
  const templates = hitTemplates();
  for (let from = 0; from < documents; from += 2_000) {
    const page = JSON.parse(pageBytes(templates, from, Math.min(2_000, documents - from), documents).toString()) as {
      hits: { hits: readonly { _id: string; _source: unknown }[] };
    };
    const lines = page.hits.hits.flatMap(({ _id, _source }) => [
      JSON.stringify({ create: { _id } }),
      JSON.stringify(_source),
    ]);
    await server.send('POST', `/${index}/_bulk`, `${lines.join('\n')}\n`);
  }
  await server.send('POST', `/${index}/_refresh`);
  await server.send('POST', `/${index}/_forcemerge?max_num_segments=1`);
};

const straight = (from: string): Promise<() => number> =>
  new Promise((resolve, reject) => {
    const body = JSON.stringify({
      size: 101,
      query: {
        bool: { filter: [{ range: { '@timestamp': { gte: from, format: 'strict_date_optional_time_nanos' } } }] },
      },
      sort: [
        {
          '@timestamp': {
            order: 'asc',
            format: 'strict_date_optional_time_nanos',
            numeric_type: 'date_nanos',
            unmapped_type: 'date',
          },
        },
      ],
      track_total_hits: 102,
    });
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const asked = request(`${url}/${index}/_search`, { method: 'POST', agent, headers }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const { hits } = JSON.parse(Buffer.concat(chunks).toString()) as { hits: { hits: readonly unknown[] } };
        resolve(() => hits.hits.length - 1);
      });
      answer.on('error', reject);
    });
    asked.on('error', reject);
    asked.end(body);
  });

const records = memoryRecordStore();
const secrets = memorySecrets({ rootKey: 'the root key of the measurement' });
// Quotas count by a clock: with one that runs ahead they let every question pass.
let ahead = 0;
const clock = { ...systemClock, nowMs: () => systemClock.nowMs() + ahead };
const silent = () => {};
const handler = queryHandler(
  Promise.resolve({
    source: elasticsearchSource({ id: 'closer', url, index, timeField: '@timestamp', secrets, clock }),
    reader: async () => hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') }),
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
const { text: key } = await createApiKey({ records, clock }, { tenant: 'acme', scopes: ['events:read'] });
const event = JSON.parse(readFileSync('test/fixtures/lambda/query.json', 'utf8'));

const through = async (from: string): Promise<() => number> => {
  ahead += 1_000;
  const asked = {
    ...event,
    rawQueryString: `from=${from}&sort=asc&limit=100`,
    headers: { ...event.headers, authorization: `Bearer ${key}` },
  };
  const answer = (await handler(asked, {} as Parameters<typeof handler>[1])) as { statusCode: number; body: string };
  if (answer.statusCode !== 200) throw new Error(`${answer.statusCode} ${answer.body.slice(0, 300)}`);
  return () => (JSON.parse(answer.body) as { events: readonly unknown[] }).events.length;
};

const p95 = (times: readonly number[]): number => times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0;
/** Counting what came is not part of it. */
const timed = async (work: () => Promise<() => number>): Promise<number> => {
  const started = performance.now();
  const count = await work();
  const spent = performance.now() - started;
  if (count() !== 100) throw new Error('a page must hold 100 events');
  return spent;
};

await fill();
try {
  const times = { straight: [] as number[], through: [] as number[] };
  for (let at = -100; at < questions; at += 1) {
    const from = new Date(Date.UTC(2026, 0, 1) + (((at + 100) * 7_919) % (documents - 200))).toISOString();
    const [first, second] = at % 2 === 0 ? (['straight', 'through'] as const) : (['through', 'straight'] as const);
    for (const name of [first, second]) {
      const spent = await timed(() => (name === 'straight' ? straight(from) : through(from)));
      if (at >= 0) times[name].push(spent);
    }
  }
  const [direct, whole] = [p95(times.straight), p95(times.through)];
  const ratio = whole / direct;
  process.stdout.write(
    `p95 of a page of 100 of ${documents} events: ${ratio.toFixed(2)} of the search alone, at most ${most} asked; ${whole.toFixed(1)} and ${direct.toFixed(1)} ms, medians ${times.through.toSorted((a, b) => a - b)[questions >> 1]?.toFixed(1)} and ${times.straight.toSorted((a, b) => a - b)[questions >> 1]?.toFixed(1)} ms\n`,
  );
  process.exitCode = ratio > most ? 1 : 0;
} finally {
  await server.send('DELETE', `/${index}`);
  agent.destroy();
}
