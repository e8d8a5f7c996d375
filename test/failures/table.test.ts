import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writtenTitles } from './read-titles.ts';
import results from './results.json' with { type: 'json' };
import { fakes, type Results, rowsOf, tableOf } from './table.ts';

const upTo = (last: number): readonly number[] => Array.from({ length: last }, (_, n) => n + 1);
const written = writtenTitles();
const reported = results as Results;

describe('docs/failures.md', () => {
  it('names every failure from F1 to F42 once, each with a test that passed', () => {
    expect(rowsOf(reported, fakes, 'F').map(({ number }) => number)).toEqual(upTo(42));
    expect(Object.values(reported[fakes] ?? {}).filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  it('names everything from D1 to D14 that receivers do, each with a test or several', () => {
    expect([...new Set(rowsOf(reported, fakes, 'D').map(({ number }) => number))]).toEqual(upTo(14));
  });

  it('tells of the tests as they stand: no title was changed, added or taken away since it was written', () => {
    expect(Object.keys(reported[fakes] ?? {}).sort()).toEqual([...written.keys()].sort());
  });

  it('tells of no test that failed on a real server, or was left out there', () => {
    const servers = Object.entries(reported).filter(([suite]) => suite !== fakes);
    expect(servers.map(([name]) => name)).toEqual(
      expect.arrayContaining(['7.17.29', '8.19.21', '9.5.3', 'nodes 8.19.21']),
    );
    const ill = servers.flatMap(([, tests]) => Object.entries(tests).filter(([, { status }]) => status !== 'passed'));
    expect(ill).toEqual([]);
  });

  it('is what the reports make of it: write it anew with `npx node test/failures/write-table.ts`', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/failures.md'), 'utf8');
    expect(text).toBe(tableOf(reported, (title) => written.get(title) ?? 'test/failures'));
  });
});
