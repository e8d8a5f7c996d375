import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hit } from '../../shared/core/event.ts';
import { parseQuestion } from '../../shared/core/question/parse-question.ts';
import { httpWorld } from '../support/http-world.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';
import { sluice } from '../support/sluice-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/query.md'), 'utf8');
const blocks = (language: string) =>
  [...page.matchAll(/```(\w*)\n([\s\S]*?)```/g)].filter(([, of]) => of === language).map(([, , text = '']) => text);

const questions = blocks('').flatMap((text) => text.split('\n').filter((line) => line !== ''));
const commands = blocks('sh').flatMap((text) =>
  text.split('\n').flatMap((line) => (line.startsWith('npx sluice query ') ? [line.replace(/\s+#.*$/, '')] : [])),
);
const calls = [...page.matchAll(/^\| `GET (\/v1\/[^`]+)` \|/gm)].map(([, path = '']) => path);
const curls = blocks('sh')
  .flatMap((text) => text.replaceAll('\\\n', ' ').split('\n'))
  .filter((line) => line.startsWith('curl '))
  .map((line) => {
    const parameters = [...line.matchAll(/-d (\S+)/g)].map(([, each = '']) => each).join('&');
    return `${/\/v1\/[\w/]+/.exec(line)?.[0] ?? ''}?${parameters}`;
  });

/** As a shell reads these lines: words, and texts in single quotes. */
const wordsOf = (line: string): readonly string[] =>
  [...line.replace(/ > \S+$/, '').matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

const hits: readonly Hit[] = sampleHits().map((hit) => ({
  ...hit,
  sort: [readSample(hit, '2026-05-05T12:00:00.000Z').time ?? null],
}));

describe('docs/query.md', () => {
  it('has examples of every kind', () => {
    for (const kind of [questions, commands, calls, curls]) expect(kind.length).toBeGreaterThan(0);
    expect(commands.length).toBeGreaterThanOrEqual(6);
  });

  it.each(questions)('the question %s can be asked', (text) => {
    expect(() => parseQuestion(text, { nowMs: Date.parse('2026-05-05') })).not.toThrow();
  });

  it.each(commands)('%s answers on the samples', async (line) => {
    const [, , ...words] = wordsOf(line);
    const { code, stdout, stderr } = await sluice(words, { cwd: await temporaryFolder() });
    expect(code, stderr).toBe(0);
    if (!line.includes('--from 7d')) expect(stdout.trim().split('\n').length).toBeGreaterThan(0);
    if (!line.includes('--from 7d')) expect(stdout).not.toBe('');
  });

  it.each([...calls, ...curls])('GET %s is answered', async (path) => {
    const world = httpWorld({ hits, read: readSample });
    const id = encodeURIComponent(`${hits[0]?._index}/${hits[0]?._id}`);
    const asked = path.replace('{id}', id).replace('q=…', 'q=event.outcome:failure');
    const response = await world.get(asked, { key: await world.key('*', ['operator']) });
    expect(response.status, await response.text()).toBe(200);
  });
});
