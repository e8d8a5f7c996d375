/**
 * What it costs to judge a target, beside the answer of the name server: `node test/bench/target.bench.ts`. At most 1 ms is asked.
 *
 * Prints microseconds per check; ends with 1 when a vector, or an answer of 16 addresses, costs more than that.
 * Each check is the whole of it, the URL and every address, with one opened range and ten addresses of our own. Medians of many calls.
 */
import { readFileSync } from 'node:fs';
import { checkAnswer, checkTarget } from '../../shared/core/address/target.ts';

interface Row {
  readonly id: string;
  readonly host?: string;
  readonly url?: string;
  readonly resolves_to?: readonly string[];
}

const rows: readonly Row[] = JSON.parse(
  readFileSync(new URL('../fixtures/ssrf/ssrf-cases.json', import.meta.url), 'utf8'),
);
const rules = {
  allow: ['10.20.0.0/16'],
  own: ['sluice.example.com', ...Array.from({ length: 10 }, (_, at) => `93.184.217.${at}`)],
};
const times = 400;
/** More addresses than this in one answer are somebody's play. */
const usual = 16;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

/** Microseconds of one call, the median of many after as many to warm up. */
const costOf = (work: () => unknown): number => {
  for (let at = 0; at < times; at++) work();
  return median(
    Array.from({ length: times }, () => {
      const startedMs = performance.now();
      work();
      return (performance.now() - startedMs) * 1000;
    }),
  );
};

const judge = ({ host, url = '', resolves_to = [] }: Row): unknown => {
  if (host !== undefined) return checkAnswer([host], rules);
  const check = checkTarget(url, rules);
  return check.kind === 'refused' ? check : checkAnswer(check.target.addresses ?? resolves_to, rules);
};

const costs = rows.map((row) => ({ id: row.id, us: costOf(() => judge(row)) })).toSorted((a, b) => b.us - a.us);
const many = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, at) => `93.184.${at >> 8}.${at & 255}`);
const answers = [1, usual, 1000].map((count) => {
  const addresses = many(count);
  return { count, us: costOf(() => checkAnswer(addresses, rules)) };
});

const shown = (us: number): string => `${us.toFixed(us < 10 ? 1 : 0)} µs`;
const worst = costs[0];
const lines = [
  '| checking a target | cost | asked |',
  '| --- | --- | --- |',
  `| median of the ${rows.length} vectors | ${shown(median(costs.map(({ us }) => us)))} | 1000 µs |`,
  `| the worst of them (${worst?.id}) | ${shown(worst?.us ?? 0)} | 1000 µs |`,
  ...answers.map(
    ({ count, us }) =>
      `| an answer of ${count} address${count === 1 ? '' : 'es'} | ${shown(us)} | ${count > usual ? 'none' : '1000 µs'} |`,
  ),
];
process.stdout.write(`${lines.join('\n')}\n`);
const asked = [...costs, ...answers.filter(({ count }) => count <= usual)];
if (asked.some(({ us }) => us > 1000)) process.exitCode = 1;
