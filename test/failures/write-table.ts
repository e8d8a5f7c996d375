/**
 * Writes `docs/failures.md` from the reports that the runs left in `.cache/failures`: `fakes.json` and one for each real server, named for
 * it. What a suite reported last is kept in `results.json` beside this file, so that a run of one suite keeps the others' columns.
 *
 *   npx vitest run test/failures --reporter=json --outputFile=.cache/failures/fakes.json
 *   test/real/failures/run
 *   npx node test/failures/write-table.ts
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { writtenTitles } from './read-titles.ts';
import { type Result, type Results, rowOf, tableOf } from './table.ts';

/** The part that is read of a report of vitest. */
interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly title: string;
      readonly status: string;
      readonly ancestorTitles: readonly string[];
    }[];
  }[];
}

const root = join(import.meta.dirname, '../..');
const reports = join(root, '.cache/failures');
const resultsFile = join(import.meta.dirname, 'results.json');

const statusOf = (status: string): Result['status'] =>
  status === 'passed' ? 'passed' : status === 'failed' ? 'failed' : 'skipped';

const read = (file: string): Readonly<Record<string, Result>> => {
  const { testResults } = JSON.parse(readFileSync(join(reports, file), 'utf8')) as Report;
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ title }) => rowOf(title))
    .map(({ title, status, ancestorTitles }): [string, Result] => {
      // A server's port is of that run alone.
      const against = (ancestorTitles[0] ?? '').replace(/ at http.*$/, '');
      return [title, { status: statusOf(status), against }];
    });
  return Object.fromEntries(results.sort(([a], [b]) => (a < b ? -1 : 1)));
};

const before: Results = existsSync(resultsFile) ? JSON.parse(readFileSync(resultsFile, 'utf8')) : {};
const found = existsSync(reports) ? readdirSync(reports).filter((file) => file.endsWith('.json')) : [];
const results: Results = { ...before, ...Object.fromEntries(found.map((file) => [parse(file).name, read(file)])) };

const files = writtenTitles();
writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`);
writeFileSync(
  join(root, 'docs/failures.md'),
  tableOf(results, (title) => files.get(title) ?? 'test/failures'),
);
process.stdout.write(
  `docs/failures.md: ${Object.keys(results['fakes'] ?? {}).length} failures; reports read: ${found.join(', ') || 'none'}\n`,
);
