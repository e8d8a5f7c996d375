/**
 * `node test/bench/subscriptions.ts`: everything that is promised of many subscriptions, measured one after the other, each in a process of its
 * own. `--quick` takes fewer rounds, or events, where that can be had; `--write` puts what they print into docs/performance.md. Ends with 1 when one of
 * them does.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';

const benches = [
  { file: 'many-subscriptions.bench.ts', title: 'One dead endpoint among 200', quick: ['--quick'] },
  { file: 'tick.bench.ts', title: 'A tick over 10 000 subscriptions', quick: [] },
  // Its argument is how many events there are.
  { file: 'fan-out.bench.ts', title: 'The same events to ten subscriptions', quick: ['4000'] },
  { file: 'target.bench.ts', title: 'Checking a target', quick: [] },
] as const;

const given = process.argv.slice(2);
const isQuick = given.includes('--quick');

/** What a bench prints, shown as it comes, and how it ended. */
const run = async (file: string, settings: readonly string[]) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...settings], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    process.stdout.write(chunk);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { text: text.trim(), code: code ?? 1 };
};

/** A table that is drawn for a terminal keeps its columns only as a code block. */
const onPage = (text: string): string => (text.startsWith('|') ? text : `\`\`\`text\n${text}\n\`\`\``);

const processor = cpus()[0]?.model ?? 'unknown processor';
const sections = [
  `${processor}, ${availableParallelism()} cores, Node ${process.version}, ${new Date().toISOString().slice(0, 10)}.`,
];
for (const { file, title, quick } of benches) {
  process.stdout.write(`\n${title} (test/bench/${file})\n\n`);
  const { text, code } = await run(file, isQuick ? quick : []);
  if (code !== 0) process.exitCode = 1;
  sections.push(`### ${title}`, onPage(text));
}

if (given.includes('--write')) {
  const path = join(import.meta.dirname, '../../docs/performance.md');
  const page = await readFile(path, 'utf8');
  const block = `<!-- subscriptions -->\n${sections.join('\n\n')}\n<!-- /subscriptions -->`;
  await writeFile(
    path,
    page.replace(/<!-- subscriptions -->[\s\S]*<!-- \/subscriptions -->/, () => block),
  );
}
