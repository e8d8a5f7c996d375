/** One measured run of `pull` or of the bare loop, in a process of its own: prints events, seconds and peak memory as JSON. */
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { pullSource } from '../../shared/flows/pull-source.ts';
import { timeOf } from './documents.ts';

const [mode, port, keep] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}`;
const agent = new Agent({ keepAlive: true });

const post = (body: string): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    const asked = request(
      `${url}/_search`,
      { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => resolve(Buffer.concat(chunks)));
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });

/** `node:http`, `JSON.parse` and gzip 1 of the same pages, nothing else. */
const bareLoop = async (): Promise<number> => {
  let events = 0;
  for (let after: unknown; ; ) {
    const page = await post(JSON.stringify({ size: 5_000, ...(after !== undefined && { search_after: after }) }));
    const { hits } = (JSON.parse(page.toString()) as { hits: { hits: { sort: unknown }[] } }).hits;
    if (hits.length === 0) return events;
    gzipSync(page, { level: 1 });
    events += hits.length;
    after = hits.at(-1)?.sort;
  }
};

const pull = async (): Promise<number> => {
  const folder = keep ?? (await mkdtemp(join(tmpdir(), 'sluice-bench-')));
  const clock = systemClock;
  const records = sqliteRecordStore({ path: join(folder, 'state.sqlite') });
  const silent = {
    pullRun: () => undefined,
    attempt: () => undefined,
    deliverRun: () => undefined,
    reconcileRun: () => undefined,
    alert: () => undefined,
    notice: () => undefined,
  };
  const line = await pullSource(
    {
      source: elasticsearchSource({
        id: 'closer',
        url,
        index: 'closer',
        timeField: '@timestamp',
        secrets: { get: async () => undefined },
        clock,
      }),
      journal: openJournal({ store: folderBlobStore({ root: join(folder, 'journal') }), source: 'closer' }),
      records,
      clock,
      read: hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') }),
      telemetry: silent,
    },
    { start: { kind: 'at', instant: timeOf(0) }, overlapMs: 300_000, remainingMs: () => Number.POSITIVE_INFINITY },
  );
  records.close();
  if (!keep) rmSync(folder, { recursive: true });
  return line.journaled;
};

const started = performance.now();
const events = await (mode === 'bare' ? bareLoop() : pull());
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({ events, seconds, cpuSeconds: (user + system) / 1e6, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`,
);
process.exit(0);
