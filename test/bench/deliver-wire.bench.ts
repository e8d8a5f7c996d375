/**
 * What a delivery costs beside the wire: `node test/bench/deliver-wire.bench.ts`. Batches of 500 sample events.
 *
 * Two senders take turns against one receiver in a process of its own: a bare loop (join, HMAC, `node:http` with keep-alive) and the webhook
 * destination. Their ratio is the figure; the rates depend on the machine.
 */
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { webhookDestination } from '../../shared/adapters/webhook-destination.ts';
import type { Batch } from '../../shared/core/batch.ts';
import { encodeObject, encodeWebhookBody } from '../../shared/core/batch-encoding.ts';
import type { Hit } from '../../shared/core/event.ts';
import { lineIn } from '../../shared/core/form.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { signWebhook, subscriptionSecret } from '../../shared/core/webhook/signature.ts';

const events = 500;
const rounds = 7;
const batchesPerRound = 400;
const rootKey = 'a root key of no importance at all';

const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });
const samples = readFileSync(new URL('../../samples/samples.ndjson', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => Buffer.from(JSON.stringify(read(JSON.parse(line) as Hit, '2026-11-20T10:15:30.000Z').event)));

const batch: Batch = {
  id: 'msg_bench',
  subscription: 'bench',
  tenant: 'acme',
  sequence: 1,
  previous: '0'.repeat(64),
  lines: Array.from({ length: events }, (_, at) => samples[at % samples.length] ?? Buffer.alloc(0)),
  committedAt: '2026-11-20T10:15:30.000Z',
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Milliseconds of one call, the median of many. */
const costOf = (work: () => unknown, times = 200): number =>
  median(
    Array.from({ length: times }, () => {
      const startedMs = performance.now();
      work();
      return performance.now() - startedMs;
    }),
  );

/** Events per second. */
const rateOf = async (send: () => Promise<unknown>): Promise<number> => {
  const startedMs = performance.now();
  for (let sent = 0; sent < batchesPerRound; sent++) await send();
  return (batchesPerRound * events * 1000) / (performance.now() - startedMs);
};

const sink = spawn(process.execPath, [new URL('sink.ts', import.meta.url).pathname], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = (await once(sink.stdout, 'data')) as [Buffer];
const url = `http://127.0.0.1:${line.toString().trim()}/`;

const agent = new Agent({ keepAlive: true });
const comma = Buffer.from(',');
const bare = (): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const body = Buffer.concat(batch.lines.flatMap((each) => [each, comma]));
    const signature = createHmac('sha256', rootKey).update(body).digest('base64');
    const sent = request(
      url,
      { method: 'POST', agent, headers: { 'content-length': body.length, signature } },
      (answer) => {
        answer.resume().on('end', resolve);
      },
    );
    sent.on('error', reject).end(body);
  });

const destination = webhookDestination({
  subscription: {
    id: 'bench',
    tenant: 'acme',
    format: 'ecs',
    batch: { maxEvents: events, maxBytes: 4_000_000, maxDelaySeconds: 0 },
    start: 'beginning',
    destination: { type: 'webhook', url },
  },
  secrets: { get: async () => ({ current: rootKey }) },
  clock: systemClock,
  allow: ['127.0.0.0/8'],
});
const ours = async (): Promise<void> => {
  const outcome = await destination.send(batch, { number: 1 });
  if (outcome.kind !== 'delivered') throw new Error(`${outcome.kind}: ${outcome.answer}`);
};

await rateOf(bare);
await rateOf(ours);
const rates: { readonly bare: number; readonly ours: number }[] = [];
for (let round = 0; round < rounds; round++) rates.push({ bare: await rateOf(bare), ours: await rateOf(ours) });
sink.kill();

const body = encodeWebhookBody(batch);
const object = encodeObject(batch);
const secrets = [subscriptionSecret(rootKey, 'bench')];
const sign = () => signWebhook({ id: 'msg_bench', timestampSeconds: 1, body, secrets });
const gzipAt = (level: number) => {
  const ms = costOf(() => gzipSync(object, { level }), 15);
  return {
    megabytesPerSecond: Math.round(object.length / 1000 / ms),
    ratio: object.length / gzipSync(object, { level }).length,
  };
};

console.table({
  'batch, bytes': body.length,
  'bare loop, events/s': Math.round(median(rates.map((rate) => rate.bare))),
  'webhook destination, events/s': Math.round(median(rates.map((rate) => rate.ours))),
  'ratio, median of rounds': median(rates.map((rate) => rate.ours / rate.bare)),
  'encode body, ms': costOf(() => encodeWebhookBody(batch)),
  'lines made flat, ms': costOf(() => batch.lines.map((each) => lineIn({ format: 'ecs-flat' }, each)), 30),
  'sign body, ms': costOf(sign),
});
console.table({ 'gzip 1': gzipAt(1), 'gzip 6': gzipAt(6) });
process.exit(0);
