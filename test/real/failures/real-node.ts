import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface RealNode {
  readonly url: string;
  /** `127.0.0.1:` and the port that other nodes use. */
  readonly transport: string;
  readonly name: string;
  /** Kills the process at once, as a power failure would. */
  kill(): Promise<void>;
  /** Starts it again over the same data. */
  restart(): Promise<void>;
  /** Kills it for good, its data with it. */
  stop(): Promise<void>;
}

const start = join(import.meta.dirname, '../elasticsearch/start');

/**
 * A real Elasticsearch node of the suite's own. It must be stopped.
 * @param port HTTP; the transport listens 100 above
 */
export const realNode = async (port: number, settings: Readonly<Record<string, string>>): Promise<RealNode> => {
  const version = process.env['ELASTICSEARCH_VERSION'] ?? '8.19.21';
  const data = await mkdtemp(join(tmpdir(), 'sluice-node-'));
  let node: ChildProcess | undefined;

  const isRunning = (): boolean => node !== undefined && node.exitCode === null && node.signalCode === null;
  const launch = async (): Promise<void> => {
    if (isRunning()) throw new Error(`the node on port ${port} runs already`);
    const words = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    const started = spawn(start, [version, String(port), data, ...words], {
      env: { HEAP: '384m', ...process.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    node = started;
    const said: string[] = [];
    started.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    for await (const line of createInterface(started.stdout)) if (line.startsWith('ready ')) return;
    throw new Error(`Elasticsearch ${version} did not start on port ${port}: ${said.join('').slice(-2_000)}`);
  };
  const kill = async (): Promise<void> => {
    if (!node || !isRunning()) return;
    const gone = once(node, 'exit');
    node.kill('SIGKILL');
    await gone;
  };

  const stop = async (): Promise<void> => {
    await kill();
    await rm(data, { recursive: true, force: true });
  };

  await launch().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${port}`,
    transport: `127.0.0.1:${port + 100}`,
    name: `node-${port}`,
    kill,
    restart: launch,
    stop,
  };
};
