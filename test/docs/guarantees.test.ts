import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const pages = [
  'README.md',
  'CHANGELOG.md',
  ...['docs', 'docs/decisions'].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name}`),
  ),
];

const linksOf = (page: string): readonly string[] =>
  [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target.replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));

describe('the pages', () => {
  it.each(pages)('%s leads nowhere that is not there', (page) => {
    const broken = linksOf(page).filter((target) => !existsSync(join(root, dirname(page), target)));
    expect(broken).toEqual([]);
  });

  it('name, for every promise, the code that keeps it and the test that shows it', () => {
    const rows = readFileSync(join(root, 'docs/guarantees.md'), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (promise|---)/.test(line));
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const [, , , code = '', shown = ''] = row.split(/(?<!\\)\|/);
      expect(code, row).toMatch(/\]\((\.\.\/(shared|functions|cli)|verify)\//);
      expect(shown, row).toMatch(/\]\(\.\.\/test\//);
    }
  });
});
