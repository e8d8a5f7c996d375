/**
 * Answers like an Elasticsearch that holds `BENCH_EVENTS` documents, one per millisecond, as fast as bytes can be copied.
 * A process of its own, so that what is measured is the client. Prints its port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hitTemplates, pageBytes, timeOf } from './documents.ts';

const total = Number(process.env['BENCH_EVENTS'] ?? 100_000);
const templates = hitTemplates();
const shards = { total: 1, successful: 1, skipped: 0, failed: 0 };

const numberAt = (time: string): number => Math.max(0, Date.parse(time) - Date.parse(timeOf(0)));

interface Search {
  readonly size?: number;
  readonly search_after?: readonly [string, string];
  readonly query?: {
    readonly bool?: {
      readonly filter?: readonly { readonly range?: Record<string, Record<string, string>> }[];
      readonly must_not?: unknown;
    };
  };
}

const answer = (path: string, body: Search | undefined): Buffer => {
  if (path === '/') return json({ version: { number: '8.19.21' } });
  if (path.includes('_field_caps'))
    return json({
      indices: ['closer'],
      fields: { '@timestamp': { date: { type: 'date', searchable: true, aggregatable: true } } },
    });
  if (path.includes('_pit')) return json({ id: 'bench', _shards: shards });
  if (body?.query?.bool?.must_not)
    return json({
      took: 1,
      timed_out: false,
      pit_id: 'bench',
      _shards: shards,
      hits: { total: { value: 0, relation: 'eq' }, hits: [] },
    });
  const ranges = (body?.query?.bool?.filter ?? []).flatMap((clause) => Object.values(clause.range ?? {}));
  const from = Math.max(0, ...ranges.map(({ gte }) => (gte ? numberAt(gte) : 0)));
  const to = Math.min(total, ...ranges.map(({ lte }) => (lte ? numberAt(lte) + 1 : total)));
  if (body?.size === 0)
    return json({
      took: 1,
      timed_out: false,
      pit_id: 'bench',
      _shards: shards,
      hits: { total: { value: Math.max(0, to - from), relation: 'eq' }, hits: [] },
    });
  const first = body?.search_after ? Number(body.search_after[1]) + 1 : from;
  return pageBytes(templates, first, body?.size ?? 10, to);
};

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value));

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const text = Buffer.concat(chunks).toString();
    const bytes = answer(request.url ?? '', text === '' ? undefined : (JSON.parse(text) as Search));
    response.writeHead(200, {
      'content-type': 'application/json',
      'x-elastic-product': 'Elasticsearch',
      'content-length': bytes.length,
    });
    response.end(bytes);
  });
});
server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as AddressInfo).port}\n`));
