/**
 * Whether an export needs more memory the longer it is: `node test/bench/export.bench.ts`. 50 000 and 1 000 000 events of 1.5 KB are exported
 * whole over HTTP, each by a server in a process of its own. Prints the peak of both and their ratio; ends with 1 above 1.15.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { idOf } from './documents.ts';

const here = (file: string): string => join(import.meta.dirname, file);
const most = 1.15;
const newline = 10;

interface Exported {
  readonly rssMb: number;
  readonly seconds: number;
  readonly bytes: number;
}

const exported = async (events: number): Promise<Exported> => {
  const source = spawn(process.execPath, [here('stand-in.ts')], {
    env: { ...process.env, BENCH_EVENTS: String(events) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [port] = (await once(createInterface(source.stdout), 'line')) as [string];
  // As `npm start` runs it.
  const server = fork(here('one-export.ts'), [port], { execArgv: ['--max-semi-space-size=8'] });
  try {
    const { url, key } = await said<{ url: string; key: string }>(server);
    const started = performance.now();
    const response = await fetch(`${url}/v1/events/export?from=2026-01-01&sort=asc`, {
      headers: { authorization: `Bearer ${key}` },
    });
    let lines = 0;
    let bytes = 0;
    let last = Buffer.alloc(0);
    for await (const piece of response.body ?? []) {
      bytes += piece.length;
      for (let at = piece.indexOf(newline); at >= 0; at = piece.indexOf(newline, at + 1)) lines += 1;
      last = Buffer.concat([last, piece]).subarray(-16_384);
    }
    const seconds = (performance.now() - started) / 1000;
    const end = last.toString().trimEnd().split('\n').at(-1) ?? '';
    if (lines !== events || !end.includes(idOf(events - 1)))
      throw new Error(`${lines} of ${events} events came, the last of them ${end.slice(0, 200)}`);
    server.send('memory');
    return { ...(await said<{ rssMb: number }>(server)), seconds, bytes };
  } finally {
    server.kill('SIGKILL');
    source.kill();
  }
};

const said = async <Message>(child: ChildProcess): Promise<Message> => {
  const [message] = (await once(child, 'message')) as [Message];
  return message;
};

const report = (events: number, { rssMb, seconds, bytes }: Exported): void => {
  const rate = Math.round(events / seconds / 100) / 10;
  process.stdout.write(
    `${events} events, ${Math.round(bytes / 1e6)} MB: at most ${rssMb} MB resident, ${rate} k events/s\n`,
  );
};

const small = await exported(50_000);
report(50_000, small);
const large = await exported(1_000_000);
report(1_000_000, large);
const ratio = large.rssMb / small.rssMb;
process.stdout.write(`memory of the large one: ${ratio.toFixed(2)} of the small one, at most ${most} asked\n`);
process.exitCode = ratio > most ? 1 : 0;
