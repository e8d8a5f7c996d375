/**
 * What reading costs beside parsing: `node test/bench/reading.bench.ts`. Prints, for the sample log and for hits of about 1.5 KB, the
 * processor time per hit of `JSON.parse` alone, of `hitReader` on the parsed hit, and their ratio. The best of several rounds
 * that take turns; the times depend on the machine and on what else runs there, the ratio hardly.
 */
import { readFileSync } from 'node:fs';
import type { Hit } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeTo, parseTenants } from '../../shared/core/tenants.ts';

const rounds = 15;
const repeats = 60;

const sample = (name: string): string => readFileSync(new URL(`../../samples/${name}`, import.meta.url), 'utf8');
const attribute = attributeTo(parseTenants(JSON.parse(sample('tenants.json'))));
const readHit = hitReader({ timeField: '@timestamp', attribute });
const readAt = '2026-01-01T00:00:00.000Z';

const sampleLines = sample('samples.ndjson').trim().split('\n');

/** The same hit with a longer request body, as bots' configurations have. */
const longer = (line: string): string => {
  const hit = JSON.parse(line) as { _source: { message: Record<string, unknown> } };
  const content = hit._source.message['http.request.body.content'];
  const body = typeof content === 'string' && content.startsWith('{') ? (JSON.parse(content) as object) : {};
  const phrases = Array.from({ length: Math.max(0, Math.ceil((1500 - line.length) / 60)) }, (_, at) => ({
    id: at,
    text: `training phrase number ${at}, as a person writes`,
  }));
  hit._source.message['http.request.body.content'] = JSON.stringify({ ...body, phrases });
  return JSON.stringify(hit);
};

const microsecondsPerHit = (hits: number, work: () => void): number => {
  const { user } = process.cpuUsage();
  for (let repeat = 0; repeat < repeats; repeat++) work();
  return (process.cpuUsage().user - user) / (repeats * hits);
};

const measure = (name: string, lines: readonly string[]): void => {
  const hits = lines.map((line) => JSON.parse(line) as Hit);
  let parse = Number.POSITIVE_INFINITY;
  let read = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    parse = Math.min(
      parse,
      microsecondsPerHit(lines.length, () => lines.forEach((line) => void JSON.parse(line))),
    );
    read = Math.min(
      read,
      microsecondsPerHit(hits.length, () => hits.forEach((hit) => void readHit(hit, readAt))),
    );
  }
  const bytes = Math.round(lines.reduce((sum, line) => sum + line.length, 0) / lines.length);
  const figures = [
    `JSON.parse ${parse.toFixed(2)} us`,
    `reading ${read.toFixed(2)} us`,
    `ratio ${(read / parse).toFixed(1)}`,
  ];
  process.stdout.write(`${name}, ${bytes} bytes a hit: ${figures.join(' · ')}\n`);
};

measure('sample log', sampleLines);
measure('longer bodies', sampleLines.map(longer));
