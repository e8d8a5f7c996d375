import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import { beginningOfTime, type Instant } from '../../../shared/core/instant.ts';
import type { PageCursor, WalkRequest } from '../../../shared/ports/source.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

const samples = join(import.meta.dirname, '../../../samples');
const range = { from: beginningOfTime, to: '2262-01-01T00:00:00.000000000Z' as Instant };

describeReal('samples in Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);

  it.each(['samples.ndjson', 'samples-edge.ndjson'])('walks every hit of %s once, as it was written', async (file) => {
    const index = `${file.replace('.ndjson', '')}-${process.pid}`;
    const written = new Map<string, unknown>();
    const lines = (await readFile(join(samples, file), 'utf8')).split('\n').filter((line) => line !== '');
    for (const line of lines) {
      const { _id, _source } = JSON.parse(line);
      if (_source !== undefined) written.set(_id, _source);
    }
    // Strict mapping of the time alone: the odd shapes of the edge samples may not meet in one mapping.
    await server.send('PUT', `/${index}`, {
      mappings: { dynamic: false, properties: { '@timestamp': { type: 'date', ignore_malformed: true } } },
      settings: { number_of_replicas: 0 },
    });
    await server.index([...written].map(([id, source]) => ({ index, id, source })));

    const source = elasticsearchSource({
      id: index,
      url,
      index,
      timeField: '@timestamp',
      secrets: { get: async () => undefined },
      clock: { nowMs: Date.now, sleep: async () => {} },
    });
    await source.preflight();
    const walked = async (side: NonNullable<WalkRequest['side']>) => {
      const walk = await source.open({ range, side });
      const hits: (readonly [string, unknown])[] = [];
      let after: PageCursor | undefined;
      do {
        const page = await walk.page(after, 20);
        if (page.kind !== 'page') throw new Error(page.reason);
        hits.push(...page.hits.map(({ _id, _source }) => [_id, _source] as const));
        after = page.next;
      } while (after);
      await walk.close();
      return hits;
    };
    const found = [...(await walked('inside')), ...(await walked('outside'))];
    expect(found).toHaveLength(written.size);
    expect(new Map(found)).toEqual(written);
    await server.send('DELETE', `/${index}`);
  });
});
