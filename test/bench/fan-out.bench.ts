/**
 * `node test/bench/fan-out.bench.ts`: the same events to one subscription and to ten at once, in turn, so that the ratio holds when the speed
 * of the machine drifts. Asked: ten receive at least 5 times the events of one in the same time.
 *
 * Receivers answer at once, or after 20 ms as those beyond a network do. At once is the harder case: one subscription alone then keeps a
 * processor busy, and ten cannot have more of it.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const here = (name: string): string => join(import.meta.dirname, name);
const rounds = 3;
const events = Number(process.argv[2] ?? 20_000);
const kinds = ['as journaled', 'filtered', 'flat', 'filtered, flat, hidden'];
const answersMs = [0, 20];

interface Measured {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

const asStarted = ['--max-semi-space-size=8'] as const;
const measured = async (...args: readonly string[]): Promise<Measured> =>
  JSON.parse((await run(process.execPath, [...asStarted, here('fan-out.ts'), ...args])).stdout) as Measured;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
const rateOf = ({ events: count, seconds }: Measured): number => count / seconds;
/** Holds on a busy machine too. */
const costOf = ({ events: count, cpuSeconds }: Measured): number => cpuSeconds / count;
const busy = ({ cpuSeconds, seconds }: Measured): string => `${Math.round((100 * cpuSeconds) / seconds)} %`;

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
await run(process.execPath, [here('fan-out.ts'), 'write', folder, String(events)]);
const receiver = async (answerMs: number) => {
  const env = { ...process.env, BENCH_ANSWER_MS: String(answerMs) };
  const child = spawn(process.execPath, [here('slow-sink.ts')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  return { answerMs, port: line.toString().trim(), child };
};
const receivers = await Promise.all(answersMs.map(receiver));

try {
  const table: Record<string, object> = {};
  for (const [{ answerMs, port }, kind] of receivers.flatMap((each) => kinds.map((kind) => [each, kind] as const))) {
    const ones: Measured[] = [];
    const tens: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) {
      ones.push(await measured('deliver', folder, '1', kind, port));
      tens.push(await measured('deliver', folder, '10', kind, port));
    }
    const [one, ten] = [median(ones.map(rateOf)), median(tens.map(rateOf))];
    table[`${kind}, answered after ${answerMs} ms`] = {
      'one, events/s': Math.round(one),
      'ten, events/s': Math.round(ten),
      ratio: Number((ten / one).toFixed(2)),
      'processor time an event, one to ten': Number((median(ones.map(costOf)) / median(tens.map(costOf))).toFixed(2)),
      'one, processor': busy(ones[0] as Measured),
      'ten, processor': busy(tens[0] as Measured),
      'ten, MB': tens[0]?.rssMb,
    };
  }
  console.table(table);
} finally {
  for (const { child } of receivers) child.kill();
  await rm(folder, { recursive: true });
}
