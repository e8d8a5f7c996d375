/** Documents for measuring: the samples, brought to about 1.5 KB each, numbered and timed one per millisecond. */
import { readFileSync } from 'node:fs';

const begin = Date.UTC(2026, 0, 1);
const targetBytes = 1_500;

export const timeOf = (n: number): string => new Date(begin + n).toISOString();
export const idOf = (n: number): string => `bench-${String(n).padStart(12, '0')}`;

/** Hits as Elasticsearch writes them, with holes of fixed length for id, time and number. */
export const hitTemplates = (): readonly Template[] =>
  readFileSync('samples/samples.ndjson', 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { _source } = JSON.parse(line) as { _source: { message: Record<string, unknown> } };
      const padded = padTo(targetBytes, _source.message);
      const text = JSON.stringify({
        _index: 'closer',
        _id: hole('i', 18),
        _score: null,
        _source: { '@timestamp': hole('t', 24), message: padded },
        sort: [hole('t', 24), hole('n', 12)],
      });
      return template(text);
    });

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
const padTo = (bytes: number, message: Record<string, unknown>): Record<string, unknown> => {
  const missing = bytes - JSON.stringify(message).length - 160;
  if (missing <= 0) return message;
  const content = message['http.request.body.content'];
  const body: unknown = typeof content === 'string' && content.startsWith('{') ? JSON.parse(content) : {};
  const texts = Array.from(
    { length: Math.ceil(missing / 60) },
    (_, n) => `A sentence of the configuration, number ${n}, as people write.`,
  );
  return {
    ...message,
    'http.request.body.content': JSON.stringify({ ...(body as object), texts })
      .slice(0, -1)
      .concat('}'),
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
