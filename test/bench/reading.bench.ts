/**
 * What reading costs beside parsing: `node test/bench/reading.bench.ts`. Prints, for the sample log and for the 1.5 KB hits of the other
 * measurements, the processor time per hit of `JSON.parse` of a page, of `hitReader` on its hits and of writing the events, and the
 * ratios to parsing. Medians of rounds that take turns; the times depend on the machine and on what else runs there, the ratios
 * less.
 */
import { readFileSync } from 'node:fs';
import type { Hit } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeTo, parseTenants } from '../../shared/core/tenants.ts';
import { hitTemplates, pageBytes } from './documents.ts';

const rounds = 25;
const repeats = 60;

const sample = (name: string): string => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');
const attribute = attributeTo(parseTenants(JSON.parse(sample('tenants.json'))));
const readHit = hitReader({ timeField: '@timestamp', attribute });
const readAt = '2026-01-01T00:00:00.000Z';

const sampleLines = sample('samples.ndjson').trim().split('\n');

const processorTime = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

const microsecondsPerHit = (hits: number, work: () => void): number => {
  const started = processorTime();
  for (let repeat = 0; repeat < repeats; repeat++) work();
  return (processorTime() - started) / (repeats * hits);
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;

const measure = (name: string, lines: readonly string[]): void => {
  const page = Buffer.from(`[${lines.join(',')}]`);
  const hits = JSON.parse(page.toString()) as readonly Hit[];
  const events = hits.map((hit) => readHit(hit, readAt).event);
  const works = {
    'JSON.parse': () => void JSON.parse(page.toString()),
    reading: () => hits.forEach((hit) => void readHit(hit, readAt)),
    writing: () => events.forEach((event) => void JSON.stringify(event)),
  };
  const times = { 'JSON.parse': [] as number[], reading: [] as number[], writing: [] as number[] };
  for (let round = 0; round < rounds; round++)
    for (const work of ['JSON.parse', 'reading', 'writing'] as const)
      times[work].push(microsecondsPerHit(hits.length, works[work]));
  const parse = median(times['JSON.parse']);
  const figures = (['reading', 'writing'] as const).map((work) => {
    const time = median(times[work]);
    return `${work} ${time.toFixed(2)} us, ratio ${(time / parse).toFixed(1)}`;
  });
  const bytes = Math.round(page.length / lines.length);
  process.stdout.write(
    `${name}, ${bytes} bytes a hit: ${[`JSON.parse ${parse.toFixed(2)} us`, ...figures].join(' · ')}\n`,
  );
};

const templates = hitTemplates();
const answer = pageBytes(templates, 0, templates.length, templates.length).toString();
const { hits: pageHits } = (JSON.parse(answer) as { hits: { hits: readonly Hit[] } }).hits;

measure('sample log', sampleLines);
measure(
  'longer bodies',
  pageHits.map((hit) => JSON.stringify(hit)),
);
