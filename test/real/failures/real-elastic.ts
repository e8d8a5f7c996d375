import { onTestFinished } from 'vitest';
import type { Document, Elastic } from '../../failures/elastic.ts';
import { wireTap } from '../../support/wire-tap.ts';
import { type Server, serverAt } from '../elasticsearch/server.ts';

/** A bulk request is at most so long: Elasticsearch takes 100 MB, and its memory here is small. */
const mostBulkBytes = 8 * 1024 * 1024;
let made = 0;

/** Names of this test's own on a real server; what it made is gone when the test has ended. */
export const realElastic = async (url: string): Promise<Elastic & { readonly server: Server }> => {
  const server = serverAt(url);
  made += 1;
  const name = `failure-${process.pid}-${made}-x`;
  const indices = new Set<string>();
  onTestFinished(async () => {
    for (const index of indices) await server.send('DELETE', `/${index}?ignore_unavailable=true`);
  });

  const bulk = async (documents: readonly Document[], action: 'create' | 'index', refresh: boolean): Promise<void> => {
    for (const { index } of documents) indices.add(index);
    for (const lines of bulksOf(documents, action)) {
      const answer = await server.send('POST', `/_bulk?refresh=${refresh}`, lines);
      if (Reflect.get(Object(answer), 'errors') !== false)
        throw new Error(`_bulk: ${JSON.stringify(answer).slice(0, 1_000)}`);
    }
  };
  const refresh = async (index: string): Promise<void> => {
    await server.send('POST', `/${index}/_refresh`);
  };

  return {
    server,
    tap: await wireTap(url),
    name,
    create: async (index, { time = 'date', shards = 1, mostHits, dynamic } = {}) => {
      indices.add(index);
      await server.send('PUT', `/${index}`, {
        mappings: { ...(dynamic === false && { dynamic }), properties: { '@timestamp': { type: time } } },
        settings: {
          number_of_shards: shards,
          number_of_replicas: 0,
          refresh_interval: '-1',
          ...(mostHits && { 'index.max_result_window': mostHits }),
        },
      });
    },
    put: (documents) => bulk(documents, 'create', true),
    write: (documents) => bulk(documents, 'create', false),
    refresh,
    remove: async (index) => {
      await server.send('DELETE', `/${index}`);
    },
    replace: (document) => bulk([document], 'index', true),
    shrink: async (index, into) => {
      indices.add(into);
      await server.send('PUT', `/${index}/_settings`, { 'index.blocks.write': true });
      await server.send('POST', `/${index}/_shrink/${into}?wait_for_active_shards=1`, {
        settings: { 'index.number_of_shards': 1, 'index.number_of_replicas': 0, 'index.blocks.write': null },
      });
      await server.send('DELETE', `/${index}`);
    },
  };
};

const bulksOf = function* (documents: readonly Document[], action: string): Generator<string> {
  let lines: string[] = [];
  let length = 0;
  for (const { index, id, source } of documents) {
    const line = `${JSON.stringify({ [action]: { _index: index, _id: id } })}\n${JSON.stringify(source)}\n`;
    if (length > 0 && length + line.length > mostBulkBytes) {
      yield lines.join('');
      lines = [];
      length = 0;
    }
    lines.push(line);
    length += line.length;
  }
  if (length > 0) yield lines.join('');
};
