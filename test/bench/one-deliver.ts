/** One measured run of `deliver` or of the bare loop over the same journal, in a process of its own. */
import { createHmac } from 'node:crypto';
import { rmSync } from 'node:fs';
import { copyFile, mkdtemp } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { webhookDestination } from '../../shared/adapters/webhook-destination.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';

const [mode, port, folder = ''] = process.argv.slice(2);
const url = `http://127.0.0.1:${port}/`;
const store = folderBlobStore({ root: join(folder, 'journal') });
const journal = openJournal({ store, source: 'closer' });
const batchSize = 500;
const agent = new Agent({ keepAlive: true });

const post = (body: Uint8Array, signature: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      'webhook-signature': signature,
    };
    const asked = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume();
      response.on('end', resolve);
    });
    asked.on('error', reject);
    asked.end(body);
  });

/** Unpacks the same blocks, signs and posts bodies of the same size, nothing else. */
const bareLoop = async (): Promise<number> => {
  let events = 0;
  for (let seq = 1; ; seq += 1) {
    const manifest = await journal.manifest(seq);
    if (!manifest) return events;
    for (const { offset, length, count } of Object.values(manifest.tenants)) {
      const zipped = await store.get(manifest.object, { offset, length });
      const block = gunzipSync(zipped ?? new Uint8Array());
      const size = Math.ceil((block.length * batchSize) / count);
      for (let at = 0; at < block.length; at += size) {
        const body = block.subarray(at, at + size);
        await post(body, createHmac('sha256', 'a key of no importance').update(body).digest('base64'));
      }
      events += count;
    }
  }
};

const deliver = async (): Promise<number> => {
  const scratch = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  const clock = systemClock;
  const subscription: Subscription & { destination: { type: 'webhook' } } = {
    id: 'bench',
    tenant: 'acme',
    format: 'ecs',
    start: 'beginning',
    batch: { maxEvents: batchSize, maxBytes: 4_000_000, maxDelaySeconds: 0 },
    destination: { type: 'webhook', url },
  };
  // The state that pull left, each time anew: the subscription has received nothing yet.
  await copyFile(join(folder, 'state.sqlite'), join(scratch, 'state.sqlite'));
  const records = sqliteRecordStore({ path: join(scratch, 'state.sqlite') });
  const silent = {
    pullRun: () => undefined,
    attempt: () => undefined,
    deliverRun: () => undefined,
    reconcileRun: () => undefined,
    alert: () => undefined,
    notice: () => undefined,
  };
  const destination = webhookDestination({
    subscription,
    secrets: { get: async () => ({ current: Buffer.alloc(32, 7).toString('base64') }) },
    clock,
    allow: ['127.0.0.0/8'],
  });
  const line = await deliverSubscription({ journal, records, clock, destination, telemetry: silent }, subscription, {
    remainingMs: () => Number.POSITIVE_INFINITY,
  });
  records.close();
  rmSync(scratch, { recursive: true });
  return line.delivered;
};

const started = performance.now();
const events = await (mode === 'bare' ? bareLoop() : deliver());
const seconds = (performance.now() - started) / 1000;
const { user, system } = process.cpuUsage();
process.stdout.write(
  `${JSON.stringify({ events, seconds, cpuSeconds: (user + system) / 1e6, rssMb: Math.round(process.resourceUsage().maxRSS / 1024) })}\n`,
);
process.exit(0);
