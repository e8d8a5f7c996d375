/**
 * `npm run bench`: Sluice beside the least that could do the same work, in turn, so that a ratio holds when the machine's speed
 * drifts. Every run is a process of its own. `--write` puts the figures into docs/performance.md, `--quick` takes a tenth of the events.
 */
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const quick = process.argv.includes('--quick');
const rounds = quick ? 1 : 5;
const events = quick ? 50_000 : 200_000;
const here = (name: string): string => join(import.meta.dirname, name);

/** As `npm start` runs it. */
const asStarted = ['--max-semi-space-size=8'] as const;

interface Measured {
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly rssMb: number;
}

/** On its own core where `taskset` is there: client and server do not compete. */
const pinned = async (core: number, args: readonly string[]): Promise<readonly string[]> => {
  const found =
    availableParallelism() > 1 &&
    (await run('taskset', ['-V']).then(
      () => true,
      () => false,
    ));
  return found
    ? ['taskset', '-c', String(core), process.execPath, ...asStarted, ...args]
    : [process.execPath, ...asStarted, ...args];
};

const server = async (name: string, environment: Record<string, string> = {}) => {
  const [command = '', ...args] = await pinned(1, [here(name)]);
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });
  return { port, stop: () => child.kill() };
};

const measure = async (script: string, ...args: readonly string[]): Promise<Measured> =>
  measureWith([], script, ...args);

const measureWith = async (
  nodeOptions: readonly string[],
  script: string,
  ...args: readonly string[]
): Promise<Measured> => {
  const [command = '', ...rest] = await pinned(0, [...nodeOptions, here(script), ...args]);
  return JSON.parse((await run(command, rest)).stdout) as Measured;
};

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
const rate = (runs: readonly Measured[]): number => median(runs.map((one) => one.events / one.seconds));

/** Both in turn, first one and then the other first. */
const inTurn = async (runBare: () => Promise<Measured>, runOwn: () => Promise<Measured>) => {
  const bare: Measured[] = [];
  const own: Measured[] = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) bare.push(await runBare());
    own.push(await runOwn());
    if (round % 2 === 1) bare.push(await runBare());
  }
  const ratios = own.map((one, n) => one.events / one.seconds / ((bare[n]?.events ?? 0) / (bare[n]?.seconds ?? 1)));
  return {
    bare: rate(bare),
    own: rate(own),
    ratio: median(ratios),
    spread: [Math.min(...ratios), Math.max(...ratios)] as const,
  };
};

const compared = (script: string, ours: string, args: readonly string[]) =>
  inTurn(
    () => measure(script, 'bare', ...args),
    () => measure(script, ours, ...args),
  );

const comparedWithoutChecks = (port: string) =>
  inTurn(
    () => measureWith(['--import', here('without-checks.ts')], 'one-pull.ts', 'pull', port),
    () => measure('one-pull.ts', 'pull', port),
  );

const k = (perSecond: number): string => `${(perSecond / 1000).toFixed(1)} k/s`;
const row = (...cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;

const lines: string[] = [
  `${cpus()[0]?.model ?? 'unknown processor'}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}. ` +
    `${rounds} rounds in turn, medians; the client on one core, the server on another.`,
  '',
  '| what | bare loop | Sluice | ratio (lowest to highest round) | asked |',
  '| --- | --- | --- | --- | --- |',
];

const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
const stand = await server('stand-in.ts', { BENCH_EVENTS: String(events) });
const pull = await compared('one-pull.ts', 'pull', [stand.port]);
lines.push(
  row(
    'pull → journal, gzip included',
    k(pull.bare),
    k(pull.own),
    `${pull.ratio.toFixed(2)} (${pull.spread.map((one) => one.toFixed(2)).join(' to ')})`,
    '0.6',
  ),
);
const checks = await comparedWithoutChecks(stand.port);
lines.push(
  row(
    'pull → journal, beside itself without any check',
    k(checks.bare),
    k(checks.own),
    `${checks.ratio.toFixed(2)} (${checks.spread.map((one) => one.toFixed(2)).join(' to ')})`,
    '0.9',
  ),
);
await measure('one-pull.ts', 'pull', stand.port, folder);
stand.stop();

const sink = await server('sink.ts');
const deliver = await compared('one-deliver.ts', 'deliver', [sink.port, folder]);
lines.push(
  row(
    'journal → webhook, batches of 500',
    k(deliver.bare),
    k(deliver.own),
    `${deliver.ratio.toFixed(2)} (${deliver.spread.map((one) => one.toFixed(2)).join(' to ')})`,
    '0.6',
  ),
);
sink.stop();
await rm(folder, { recursive: true });

const memory: { readonly events: number; readonly rssMb: number }[] = [];
for (const count of quick ? [50_000, 200_000] : [50_000, 1_000_000, 2_000_000]) {
  const source = await server('stand-in.ts', { BENCH_EVENTS: String(count) });
  const { rssMb } = await measure('one-pull.ts', 'pull', source.port);
  memory.push({ events: count, rssMb });
  source.stop();
}
const [small, ...larger] = memory;
lines.push('', '| peak memory of a pull | resident set | beside the small one | asked |', '| --- | --- | --- | --- |');
lines.push(row(`${small?.events.toLocaleString('en')} events`, `${small?.rssMb} MB`, '', 'below 300 MB'));
for (const { events: count, rssMb } of larger)
  lines.push(
    row(
      `${count.toLocaleString('en')} events`,
      `${rssMb} MB`,
      (rssMb / (small?.rssMb ?? Number.NaN)).toFixed(2),
      '1.15, below 300 MB',
    ),
  );

const text = lines.join('\n');
process.stdout.write(`${text}\n`);
if (process.argv.includes('--write')) {
  const path = join(import.meta.dirname, '../../docs/performance.md');
  const page = await readFile(path, 'utf8');
  await writeFile(
    path,
    page.replace(/<!-- bench -->[\s\S]*<!-- \/bench -->/, `<!-- bench -->\n${text}\n<!-- /bench -->`),
  );
}
