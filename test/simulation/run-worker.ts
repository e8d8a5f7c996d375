import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { WorkerLine } from './seed-worker.ts';

export interface WorkerOptions {
  readonly from: number;
  readonly seeds: number;
  readonly every?: number;
  readonly stop?: 'at first failure';
  /** Environment and options of Node that the worker has more than this process. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
}

const worker = fileURLToPath(new URL('seed-worker.ts', import.meta.url));

/**
 * Plays seeds in a process of its own, and hands out each line it says.
 * @throws when the process ends otherwise than by having played all
 */
export const runWorker = async (
  { from, seeds, every = 1, stop, env, nodeOptions = [] }: WorkerOptions,
  hear: (line: WorkerLine) => void,
): Promise<void> => {
  const options = ['--from', String(from), '--seeds', String(seeds), '--every', String(every)];
  const child = spawn(process.execPath, [...nodeOptions, worker, ...options, ...(stop ? ['--stop-at-first'] : [])], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-4_000);
  });
  for await (const line of createInterface({ input: child.stdout })) hear(JSON.parse(line) as WorkerLine);
  const code = await ended;
  if (code !== 0) throw new Error(`a worker ended with ${code}: ${complaint}`);
};
