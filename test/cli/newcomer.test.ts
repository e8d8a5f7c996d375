/** The newcomer's path: docs/subscriptions.md, command by command, in real processes. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { temporaryFolder } from '../support/temporary-folder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const document = readFileSync(join(repository, 'docs/subscriptions.md'), 'utf8');

interface Block {
  readonly language: string;
  readonly text: string;
}

const blocks: readonly Block[] = [...document.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(
  ([, language = '', text = '']) => ({
    language,
    text,
  }),
);

/** What waits for something that Sluice does by itself is asked again until it is so. */
const isAskedAgain = /^(cat|npx sluice subscriptions (show|attempts)) /;
/** They run until they are stopped. */
const isServer = /^(npx sluice start|node hook\.mjs)$/m;
const deadlineMs = 60_000;

const aFreePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
};

/** A folder that has what a clone has, and a shell in it that keeps its variables from block to block. */
const aTerminal = async () => {
  const cwd = await temporaryFolder();
  symlinkSync(join(repository, 'node_modules'), join(cwd, 'node_modules'));
  // `npx sluice` finds the command of the clone; here the clone is elsewhere.
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" -- "${join(repository, 'cli/sluice.mjs')}" "$@"\n`;
  writeFileSync(join(cwd, 'npx'), npx, { mode: 0o755 });
  const [api, hook] = [await aFreePort(), await aFreePort()];
  const inherited = Object.entries(process.env).filter(([name]) => !/^(SLUICE_|AWS_|NODE_OPTIONS)/.test(name));
  const env = {
    ...Object.fromEntries(inherited),
    PATH: `${cwd}:${join(process.execPath, '..')}:${process.env['PATH']}`,
    SLUICE_HTTP_PORT: String(api),
    NO_COLOR: '1',
  };
  const here = (text: string): string =>
    text.replaceAll('127.0.0.1:3000', `127.0.0.1:${api}`).replaceAll('8080', String(hook));
  const shell = (): Shell => {
    const child = spawn('sh', [], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    // The whole group: what a shell has started ends with it.
    onTestFinished(() => void (child.pid && process.kill(-child.pid, 'SIGKILL')));
    return listenedTo(child);
  };
  const third = shell();
  let runs = 0;
  return {
    save: (name: string, text: string) => writeFileSync(join(cwd, name), here(text)),
    /** Resolves when it answers. */
    serve: async (text: string, ready: 'says so' | 'listens'): Promise<void> => {
      const server = shell();
      server.type(here(text));
      if (ready === 'says so') await server.heard('Answering HTTP on');
      else await answering(hook);
    },
    run: async (text: string): Promise<string> => {
      const mark = `@@ ${++runs} over`;
      third.type(`${here(text)}echo '${mark}'`);
      return third.heard(mark);
    },
  };
};

interface Shell {
  readonly type: (text: string) => void;
  /** What was printed since it was last asked, up to this text; waits for it. */
  readonly heard: (until: string) => Promise<string>;
}

const listenedTo = (child: ChildProcessWithoutNullStreams): Shell => {
  let printed = '';
  let look = (): void => {};
  let ended: string | undefined;
  let complaints = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    printed += chunk;
    look();
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    complaints += chunk;
  });
  child.once('close', () => {
    ended = `the shell ended: ${complaints}`;
    look();
  });
  return {
    type: (text) => void child.stdin.write(`${text}\n`),
    heard: (until) =>
      new Promise((resolve, reject) => {
        look = () => {
          const [before, ...after] = printed.split(until);
          if (after.length > 0) {
            printed = after.join(until);
            resolve(before ?? '');
          } else if (ended !== undefined) reject(new Error(ended));
        };
        look();
      }),
  };
};

/** Resolves once something listens there. */
const answering = async (port: number): Promise<void> => {
  for (const until = Date.now() + deadlineMs; Date.now() < until; ) {
    const answer = await fetch(`http://127.0.0.1:${port}`).catch(() => undefined);
    // Somebody who looks with a browser is told so, and ends nothing.
    if (answer) return expect(answer.status).toBe(400);
  }
  throw new Error(`Nothing listens on port ${port}.`);
};

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Whether every line is there, in order; `…` stands for any text. */
const holds = (output: string, expected: string): boolean => {
  const lines = expected.trimEnd().split('\n');
  const pattern = lines.map((line) => line.split('…').map(escaped).join('.*'));
  return new RegExp(`^${pattern.join('$[^]*^')}$`, 'm').test(output);
};

it('a newcomer makes a webhook, proves it, receives, breaks it, sees why, mends it, replays and polls, by the document alone', {
  timeout: 4 * deadlineMs,
}, async () => {
  const terminal = await aTerminal();
  for (const [at, { language, text }] of blocks.entries()) {
    const next = blocks[at + 1];
    if (language === 'js') terminal.save('hook.mjs', text);
    if (language !== 'sh') continue;
    if (isServer.test(text)) {
      await terminal.serve(text, text.includes('sluice start') ? 'says so' : 'listens');
      continue;
    }
    let output = await terminal.run(text);
    if (next?.language !== 'text') continue;
    const until = Date.now() + deadlineMs;
    while (isAskedAgain.test(text) && !holds(output, next.text) && Date.now() < until)
      output = await terminal.run(text);
    expect(holds(output, next.text), `${text}\nprinted\n${output}\nand not\n${next.text}`).toBe(true);
  }
});

it('the document has its expectations, and they can fail', () => {
  expect(blocks.filter(({ language }) => language === 'text')).toHaveLength(8);
  expect(holds('a b c\nd\n', 'a … c\nd\n')).toBe(true);
  expect(holds('a b c\ne\n', 'a … c\nd\n')).toBe(false);
});
