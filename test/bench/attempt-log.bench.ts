/**
 * What the log of attempts costs a delivery on one machine: `node test/bench/attempt-log.bench.ts`. Per batch the state is written once,
 * flushed to the disk; beside it now lies one entry of the log, which is not. Measured in turn, so that whatever else the machine does
 * hits all three alike; only the ratios mean something.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { attemptOf, attemptPartition, attemptsKeptMs } from '../../shared/core/attempt.ts';
import { freshState, subscriptionPartition } from '../../shared/core/subscription-state.ts';

const rounds = 12;
const batchesPerRound = 200;
const folder = mkdtempSync(join(process.argv[2] ?? tmpdir(), 'sluice-bench-'));
const records = sqliteRecordStore({ path: join(folder, 'state.sqlite') });
const state = freshState({ segment: 1, index: 0 });

const ways = ['state alone', 'with the log', 'with a flushed log'] as const;
type Way = (typeof ways)[number];
let sequence = 0;

const deliverOne = async (way: Way): Promise<void> => {
  sequence += 1;
  const startedAtMs = Date.now();
  if (way !== 'state alone') {
    const outcome = { kind: 'delivered', answer: '200 OK', response: { status: 200, body: '' } } as const;
    const batch = `msg_${sequence}`;
    const times = { startedAtMs, endedAtMs: startedAtMs };
    const value = attemptOf({ kind: 'batch', batch, sequence, number: 1, events: 100, outcome, ...times });
    const record = { partition: attemptPartition('acme-soc'), id: value.id, value };
    const expires = way === 'with the log' ? { expiresAtMs: startedAtMs + attemptsKeptMs } : {};
    await records.compareAndSet({ ...record, ...expires }, 0);
  }
  const value = { ...state, sequence };
  await records.compareAndSet({ partition: subscriptionPartition, id: 'acme-soc', value }, sequence - 1);
};

const tookMs: Readonly<Record<Way, number[]>> = {
  'state alone': [],
  'with the log': [],
  'with a flushed log': [],
};
for (let round = 0; round < rounds; round += 1)
  for (const way of ways) {
    const began = performance.now();
    for (let n = 0; n < batchesPerRound; n += 1) await deliverOne(way);
    // The first round warms up.
    if (round > 0) tookMs[way].push((performance.now() - began) / batchesPerRound);
  }
records.close();
rmSync(folder, { recursive: true });

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const alone = median(tookMs['state alone']);
for (const way of ways) {
  const ms = median(tookMs[way]);
  process.stdout.write(`${way.padEnd(20)} ${ms.toFixed(3)} ms a batch  ${(ms / alone).toFixed(2)} times\n`);
}
