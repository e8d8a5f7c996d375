import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

/**
 * Runs `count` processes of one script so that they work at the same time: each says `ready`, all are told `go`, and each answers with
 * one line of JSON.
 * @param script a file of `test/adapters/processes/`
 */
export const runTogether = async (
  script: string,
  count: number,
  args: readonly string[],
): Promise<readonly unknown[]> => {
  const path = pathOf(script);
  const children = Array.from({ length: count }, () => startChild(path, args));
  await Promise.all(children.map((child) => child.ready));
  for (const child of children) child.go();
  return Promise.all(children.map((child) => child.answer()));
};

/**
 * Runs a script, kills it without warning once it has said `lines` lines, and answers with all it had said by then.
 * @param script a file of `test/adapters/processes/`
 */
export const killAfter = async (script: string, lines: number, args: readonly string[]): Promise<readonly string[]> => {
  const child = spawn(process.execPath, [pathOf(script), ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL');
  }
  return said;
};

const pathOf = (script: string): string => fileURLToPath(new URL(`../adapters/processes/${script}`, import.meta.url));

const startChild = (path: string, args: readonly string[]) => {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk) => {
    complaints += chunk;
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const nextLine = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${path} ended with ${await ended}: ${complaints}`);
    return value;
  };
  const answer = async (): Promise<unknown> => {
    const line = await nextLine();
    expect({ code: await ended, complaints }).toEqual({ code: 0, complaints: '' });
    return JSON.parse(line);
  };
  return { ready: nextLine(), go: () => child.stdin.end('go\n'), answer };
};
