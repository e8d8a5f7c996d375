/** Documents for measuring: the samples, brought to about 1.5 KB each, numbered and timed one per millisecond. */
import { readFileSync } from 'node:fs';

const begin = Date.UTC(2026, 0, 1);
const targetBytes = 1_500;

export const timeOf = (n: number): string => new Date(begin + n).toISOString();
export const idOf = (n: number): string => `bench-${String(n).padStart(12, '0')}`;

/** Hits as Elasticsearch writes them, with holes of fixed length for id, time and number. */
export const hitTemplates = (): readonly Template[] => {
  const log = readFileSync('samples/samples.ndjson', 'utf8');
  const words = wordsOf(log);
  return log
    .trim()
    .split('\n')
    .map((line) => {
      const { _source } = JSON.parse(line) as { _source: { message: Record<string, unknown> } };
      const padded = padTo(targetBytes, _source.message, words);
      const text = JSON.stringify({
        _index: 'closer',
        _id: hole('i', 18),
        _score: null,
        _source: { '@timestamp': hole('t', 24), message: padded },
        sort: [hole('t', 24), hole('n', 12)],
      });
      return template(text);
    });
};

export interface Template {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly timesAt: readonly [number, number];
  readonly numberAt: number;
}

const hole = (mark: string, length: number): string => `\u00ab${mark.repeat(length)}\u00bb`;

const template = (text: string): Template => {
  const plain = text.replaceAll('\u00ab', '').replaceAll('\u00bb', '');
  const bytes = Buffer.from(plain);
  const first = bytes.indexOf('t'.repeat(24));
  return {
    bytes,
    idAt: bytes.indexOf('i'.repeat(18)),
    timesAt: [first, bytes.indexOf('t'.repeat(24), first + 24)],
    numberAt: bytes.indexOf('n'.repeat(12)),
  };
};

/** More of what such a document holds: a longer request body, as agents' profiles and bots' configurations have. */
const padTo = (bytes: number, message: Record<string, unknown>, words: () => string): Record<string, unknown> => {
  const missing = bytes - JSON.stringify(message).length - 160;
  if (missing <= 0) return message;
  const content = message['http.request.body.content'];
  const body: unknown = typeof content === 'string' && content.startsWith('{') ? JSON.parse(content) : {};
  let description = '';
  while (description.length < missing - 20) description += `${words()} `;
  return { ...message, 'http.request.body.content': JSON.stringify({ ...(body as object), description }) };
};

/** Words of the samples themselves, in an order that looks random and is always the same: gzip finds in them what it finds in a log. */
const wordsOf = (text: string): (() => string) => {
  const words = [...new Set(text.match(/[A-Za-z]{3,12}/g))];
  let state = 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return words[state % words.length] ?? '';
  };
};

/** A page's answer: `size` documents from number `from` on, of `total`. */
export const pageBytes = (templates: readonly Template[], from: number, size: number, total: number): Buffer => {
  const end = Math.min(from + size, total);
  const parts: Buffer[] = [
    Buffer.from(
      '{"took":1,"timed_out":false,"pit_id":"bench","_shards":{"total":1,"successful":1,"skipped":0,"failed":0},"hits":{"hits":[',
    ),
  ];
  for (let n = from; n < end; n += 1) {
    const { bytes, idAt, timesAt, numberAt } = templates[n % templates.length] as Template;
    const hit = Buffer.allocUnsafe(bytes.length + 1);
    bytes.copy(hit);
    hit.write(idOf(n), idAt, 'latin1');
    hit.write(timeOf(n), timesAt[0], 'latin1');
    hit.write(timeOf(n), timesAt[1], 'latin1');
    hit.write(String(n).padStart(12, '0'), numberAt, 'latin1');
    hit[bytes.length] = n + 1 < end ? 44 : 32;
    parts.push(hit);
  }
  parts.push(Buffer.from(']}}'));
  return Buffer.concat(parts);
};
