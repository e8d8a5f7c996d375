import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

interface Shown {
  readonly title: string;
  readonly file: string;
}
/** Every link to a test: its text is the title of one there. */
const shown: readonly Shown[] = [...page.matchAll(/\[([^\]]+)\]\(\.\.\/(test\/[^)]+)\)/g)].map(
  ([, title = '', file = '']) => ({ title, file }),
);

/** What `describe` and `it` are called there: the text in front of a function. */
const titlesOf = (file: string): readonly string[] =>
  [
    ...readFileSync(join(root, file), 'utf8').matchAll(
      /\(\s*(['"`])((?:(?!\1)[^\n\\]|\\.)*)\1,\s*(?:\{[^}]*\},\s*)?(?:async\s*)?\(/g,
    ),
  ].map(([, , title = '']) => title.replaceAll("\\'", "'"));

describe('the threat model', () => {
  it('links tests that are there, by a title that they have', () => {
    expect(shown.length).toBeGreaterThan(60);
    const wrong = shown.filter(({ title, file }) => !existsSync(join(root, file)) || !titlesOf(file).includes(title));
    expect(wrong).toEqual([]);
  });

  it('has a test in every row of what could be tried', () => {
    const tables = page.split('\n\n').filter((block) => block.startsWith('| what could be tried |'));
    const rows = tables.flatMap((table) => table.trim().split('\n').slice(2));
    expect(tables.length).toBeGreaterThan(6);
    expect(rows.length).toBeGreaterThan(35);
    for (const row of rows) {
      const [, , , shownBy = ''] = row.split(/(?<!\\)\|/);
      expect(shownBy, row).toMatch(/\]\(\.\.\/test\//);
    }
  });
});
