/**
 * What one dead endpoint costs 199 others: `node test/bench/many-subscriptions.bench.ts`.
 *
 * 200 webhooks at the delivery desk, as `sluice start` runs it: SQLite, a journal in a folder, HTTP to a receiver in a process of its own that
 * answers after 20 ms. A wave is one segment with an event for everybody; time to deliver is from there to the recorded outcome. Two worlds
 * take turns wave by wave, so that whatever else the machine does meets both: one of 199, one with the dead 200th, which is in the middle of
 * an exchange all the while. Their ratio is the figure; ends with 1 when it is more than 1.05.
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
const rounds = quick ? 2 : 8;
/** Together shorter than the 15 s after which an exchange is given up. */
const wavesPerRound = quick ? 4 : 8;
const most = 1.05;
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

/** Everything of its own: journal, state, desk, connections. */
const aWorld = (ids: readonly string[]) => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-bench-'));
  const records = sqliteRecordStore({ path: join(folder, 'state.sqlite') });
  const journal = openJournal({ store: folderBlobStore({ root: join(folder, 'journal') }), source: 'closer' });
  const source = memorySource({ id: 'closer', clock });
  const stop = new AbortController();
  let times: number[] = [];
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
    { atOnce: deliverersAtOnce, tenantOf: (id) => id, clock },
  );

  let waves = 0;
  /** Milliseconds until each of the others had its event. */
  const wave = async (): Promise<readonly number[]> => {
    waves += 1;
    source.add(aHit(`event-${waves}`, new Date(clock.nowMs()).toISOString()));
    await pullSource(
      { source, journal, records, clock, read: plainRead, telemetry },
      { start: { kind: 'beginning' }, overlapMs: 1_000, remainingMs: () => Number.POSITIVE_INFINITY },
    );
    times = [];
    waiting = others;
    arrived = Promise.withResolvers();
    startedMs = performance.now();
    for (const id of ids) desk.wake(id);
    await arrived.promise;
    return times;
  };
  const end = async (): Promise<void> => {
    stop.abort();
    await desk.idle();
    records.close();
    rmSync(folder, { recursive: true });
  };
  return { wave, end };
};

const quantile = (values: readonly number[], part: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil(values.length * part) - 1] ?? Number.NaN;
const p95 = (values: readonly number[]): number => quantile(values, 0.95);

const healthy = Array.from({ length: others }, (_, at) => `customer-${at}`);
// In the middle of the list: half of the others are woken after it.
const withDead = [...healthy.slice(0, 100), 'dead', ...healthy.slice(100)];

const all = { without: [] as number[], with: [] as number[] };
/** Of each pair of waves: what the machine does beside us changes more slowly than that. */
const ratios: number[] = [];
for (let round = 0; round < rounds; round += 1) {
  const worlds = { without: aWorld(healthy), with: aWorld(withDead) };
  // The first wave opens the connections.
  await worlds.without.wave();
  await worlds.with.wave();
  for (let wave = 0; wave < wavesPerRound; wave += 1) {
    const times: Record<'without' | 'with', readonly number[]> = { without: [], with: [] };
    for (const which of wave % 2 === 0 ? (['without', 'with'] as const) : (['with', 'without'] as const)) {
      times[which] = await worlds[which].wave();
      all[which].push(...times[which]);
    }
    ratios.push(p95(times.with) / p95(times.without));
  }
  await Promise.all([worlds.without.end(), worlds.with.end()]);
}
sink.kill();

const ratio = quantile(ratios, 0.5);
const ms = (values: readonly number[]): string => `${Math.round(p95(values))} ms`;
process.stdout.write(
  [
    '| 200 webhooks, one dead | p95 of the 199 alone | with the dead one | ratio, median of pairs (quartiles) | asked |',
    '| --- | --- | --- | --- | --- |',
    `| ${ratios.length} pairs of waves | ${ms(all.without)} | ${ms(all.with)} | ${ratio.toFixed(2)} (${quantile(ratios, 0.25).toFixed(2)} to ${quantile(ratios, 0.75).toFixed(2)}) | 1.05 |`,
    '',
  ].join('\n'),
);
process.exit(ratio > most ? 1 : 0);
