/** The command line as people run it: a process of its own. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';

const launcher = fileURLToPath(new URL('../../cli/sluice.mjs', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  /** Resolves when stdout or stderr holds the text; rejects when the process ends without. */
  shows(text: string | RegExp): Promise<string>;
  signal(name: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void;
  readonly ended: Promise<Ended>;
}

export interface SluiceOptions {
  /** Where it is started, and where `.sluice` then lies. */
  readonly cwd: string;
  /** `SLUICE_` settings; none are inherited. */
  readonly env?: Readonly<Record<string, string>>;
  readonly nodeOptions?: readonly string[];
  /** What is started instead of the launcher: a file of `test/support/`. */
  readonly entry?: string;
}

/** Is killed with its test, whatever became of it. */
export const startSluice = (
  words: readonly string[],
  { cwd, env = {}, nodeOptions = [], entry }: SluiceOptions,
): Running => {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(SLUICE_|AWS_|NODE_OPTIONS|FORCE_COLOR)/.test(name)),
  );
  // `--`: otherwise Node takes our `--env-file` for its own.
  const child = spawn(
    process.execPath,
    [...nodeOptions, '--', entry ? fileURLToPath(new URL(entry, import.meta.url)) : launcher, ...words],
    {
      cwd,
      env: { ...inherited, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onTestFinished(() => void child.kill('SIGKILL'));
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
      for (const watcher of watchers) watcher();
    });
  const ended = new Promise<Ended>((resolve) => child.once('close', (code) => resolve({ code, ...output })));
  const found = (text: string | RegExp): string | undefined => {
    const all = `${output.stdout}\n${output.stderr}`;
    return typeof text === 'string' ? (all.includes(text) ? text : undefined) : text.exec(all)?.[0];
  };
  return {
    ended,
    signal: (name) => void child.kill(name),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = found(text);
          if (match === undefined) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        look();
        ended.then(({ code }) => reject(new Error(`ended with ${code} before it showed ${text}: ${output.stderr}`)));
      }),
  };
};

/** Runs a command to its end. */
export const sluice = (words: readonly string[], options: SluiceOptions): Promise<Ended> =>
  startSluice(words, options).ended;
