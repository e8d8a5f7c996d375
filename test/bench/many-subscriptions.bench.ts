/**
 * What one dead endpoint costs 199 others: `node test/bench/many-subscriptions.bench.ts`.
 *
 * 200 webhooks at the delivery desk, as `sluice start` runs it: SQLite, a journal in a folder, HTTP to a receiver in a process of its own that
 * answers after 20 ms. A wave is one segment with an event for everybody; time to deliver is from there to the recorded outcome. Two worlds
 * take turns, one of 199 and one with the dead 200th, which is in the middle of an exchange all the while. Their ratio is the figure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deliverersAtOnce } from '../../cli/deliver-all.ts';
import { atItsPlace } from '../../cli/start/at-its-place.ts';
import { deliveryDesk } from '../../cli/start/delivery-desk.ts';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { webhookDestination } from '../../shared/adapters/webhook-destination.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { pullSource } from '../../shared/flows/pull-source.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import type { Telemetry } from '../../shared/ports/telemetry.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { aHit, plainRead } from '../support/world.ts';

const quick = process.argv.includes('--quick');
const rounds = quick ? 2 : 7;
const wavesPerRound = quick ? 4 : 10;
const others = 199;
const answerMs = 20;
const rootKey = 'a root key of no importance at all';

const sink = spawn(process.execPath, [join(import.meta.dirname, 'slow-sink.ts')], {
  env: { ...process.env, BENCH_ANSWER_MS: String(answerMs) },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const [line] = (await once(sink.stdout, 'data')) as [Buffer];
const origin = `http://127.0.0.1:${line.toString().trim()}`;

const subscriptionOf = (id: string) =>
  ({
    id,
    tenant: 'acme',
    format: 'ecs',
    batch: { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 0 },
    start: 'beginning',
    destination: { type: 'webhook', url: `${origin}/${id}` },
  }) as const satisfies Subscription;

const clock = systemClock;

/** Milliseconds from each wave to each of its deliveries. */
const round = async (ids: readonly string[]): Promise<readonly number[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const records = sqliteRecordStore({ path: join(folder, 'state.sqlite') });
  const journal = openJournal({ store: folderBlobStore({ root: join(folder, 'journal') }), source: 'closer' });
  const source = memorySource({ id: 'closer', clock });
  const stop = new AbortController();
  const times: number[] = [];
  let startedMs = 0;
  let waiting = 0;
  let arrived = Promise.withResolvers<void>();

  const telemetry: Telemetry = {
    attempt: ({ outcome }) => {
      if (outcome !== 'delivered') return;
      times.push(performance.now() - startedMs);
      waiting -= 1;
      if (waiting === 0) arrived.resolve();
    },
    pullRun: () => undefined,
    deliverRun: () => undefined,
    reconcileRun: () => undefined,
    alert: () => undefined,
    notice: () => undefined,
  };
  const subscriptions = new Map(ids.map((id) => [id, subscriptionOf(id)]));
  const destinations = new Map<string, Destination>(
    [...subscriptions.values()].map((subscription) => [
      subscription.id,
      webhookDestination({
        subscription,
        secrets: { get: async () => ({ current: rootKey }) },
        clock,
        allow: ['127.0.0.0/8'],
      }),
    ]),
  );
  const desk = deliveryDesk(
    async (id, place) => {
      const subscription = subscriptions.get(id);
      const opened = destinations.get(id);
      if (!subscription || !opened) return 'done';
      const destination = atItsPlace(opened, place);
      const options = { remainingMs: () => Number.POSITIVE_INFINITY, signal: stop.signal };
      await deliverSubscription({ journal, records, clock, telemetry, destination }, subscription, options);
      return 'done';
    },
    { atOnce: deliverersAtOnce, clock },
  );

  for (let wave = 0; wave < wavesPerRound; wave += 1) {
    source.add(aHit(`event-${wave}`, new Date(clock.nowMs()).toISOString()));
    await pullSource(
      { source, journal, records, clock, read: plainRead, telemetry },
      { start: { kind: 'beginning' }, overlapMs: 1_000, remainingMs: () => Number.POSITIVE_INFINITY },
    );
    waiting = others;
    arrived = Promise.withResolvers();
    startedMs = performance.now();
    for (const id of ids) desk.wake(id);
    await arrived.promise;
  }
  stop.abort();
  await desk.idle();
  records.close();
  rmSync(folder, { recursive: true });
  return times.slice(others);
};

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
const p95 = (values: readonly number[]): number => quantile(values, 0.95);

const healthy = Array.from({ length: others }, (_, at) => `customer-${at}`);
// In the middle of the list: half of the others are woken after it.
const withDead = [...healthy.slice(0, 100), 'dead', ...healthy.slice(100)];

const measured: { readonly without: number; readonly with: number }[] = [];
for (let at = 0; at < rounds; at += 1) {
  const runs = { without: () => round(healthy), with: () => round(withDead) };
  const turn = at % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const);
  const figures = { without: Number.NaN, with: Number.NaN };
  for (const which of turn) figures[which] = p95(await runs[which]());
  measured.push(figures);
}
sink.kill();

const ratios = measured.map((one) => one.with / one.without);
process.stdout.write(
  `${JSON.stringify({
    what: '200 webhooks, one dead: p95 of the other 199 beside that without it',
    without: Math.round(
      quantile(
        measured.map((one) => one.without),
        0.5,
      ),
    ),
    with: Math.round(
      quantile(
        measured.map((one) => one.with),
        0.5,
      ),
    ),
    unit: 'ms',
    ratio: quantile(ratios, 0.5),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
    asked: 'at most 1.05',
  })}\n`,
);
process.exit(0);
