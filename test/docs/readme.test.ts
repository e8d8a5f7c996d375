/** The first commands of README.md, in the order of the page, in one shell, against an Elasticsearch that asks for credentials. */
import { spawn } from 'node:child_process';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { elasticsearchStandIn, shelfOf } from '../support/elasticsearch-stand-in.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const page = readFileSync(join(repository, 'README.md'), 'utf8');
const [, settings = '', commands = ''] = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text = '']) => text);

it('with your own Elasticsearch: one .env serves every command of the page', async () => {
  const shelf = sampleHits().map((hit) => ({
    index: hit._index,
    id: hit._id,
    source: hit._source,
    time: readSample(hit, '2026-05-05T12:00:00.000Z').time,
  }));
  const standIn = await elasticsearchStandIn(shelfOf(shelf), { authorization: 'ApiKey paste-it-here' });
  onTestFinished(() => standIn.stop());
  const cwd = await temporaryFolder();
  symlinkSync(join(repository, 'node_modules'), join(cwd, 'node_modules'));
  const npx = `#!/bin/sh\nshift\nexec "${process.execPath}" -- "${join(repository, 'cli/sluice.mjs')}" "$@"\n`;
  writeFileSync(join(cwd, 'npx'), npx, { mode: 0o755 });
  // A pull in place of `start`, which does not end; whoever receives is not made here: its endpoint would be asked.
  const script = `${settings.replace('npm start', 'npx sluice pull')}${commands.replace(/^npx sluice subscriptions create .*$/m, '')}`;
  expect(script).toContain('npx sluice query');
  const text = script.replace('https://es.example.com:9200', standIn.url);
  const env = { PATH: `${cwd}:${join(process.execPath, '..')}:${process.env['PATH']}`, NO_COLOR: '1' };
  const shell = spawn('sh', ['-ex'], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'] });
  shell.stdin.end(text.replace('npx sluice doctor ', 'npx sluice doctor || true '));
  const said = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const)
    shell[name].setEncoding('utf8').on('data', (part: string) => {
      said[name] += part;
    });
  const code = await new Promise((ended) => shell.once('close', ended));
  expect({ code, stderr: code === 0 ? '' : said.stderr + said.stdout }).toEqual({ code: 0, stderr: '' });
  expect(said.stdout).toContain('150 new events');
  expect(said.stdout).toMatch(/^sk?\w+/m);
}, 60_000);
