import { afterAll, beforeAll } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import { describeSource } from '../../contracts/source-contract.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

describeReal('Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const run = `contract-${process.pid}`;
  let made = 0;

  // An index that lacks the field altogether and a closed one lie under every pattern sooner or later.
  beforeAll(async () => {
    await server.send('PUT', `/${run}-unmapped`, { settings: { number_of_replicas: 0 } });
    await server.send('PUT', `/${run}-closed`, { settings: { number_of_replicas: 0 } });
    await server.send('POST', `/${run}-closed/_close`);
  });
  afterAll(() => server.send('DELETE', `/${run}-unmapped,${run}-closed`));

  describeSource('Elasticsearch', async (documents) => {
    made += 1;
    const prefix = `${run}-${made}`;
    const types = { millis: 'date', nanos: 'date_nanos' } as const;
    for (const [precision, type] of Object.entries(types)) {
      const mappings = { properties: { '@timestamp': { type } } };
      await server.send('PUT', `/${prefix}-${precision}`, {
        mappings,
        settings: { number_of_shards: 2, number_of_replicas: 0 },
      });
    }
    await server.index(
      documents.map(({ id, time, precision = 'millis' }) => ({
        index: `${prefix}-${precision}`,
        id,
        source: time === undefined ? {} : { '@timestamp': time },
      })),
    );
    return {
      source: elasticsearchSource({
        id: prefix,
        url,
        index: `${prefix}-*,${run}-unmapped*,${run}-closed*`,
        timeField: '@timestamp',
        secrets: { get: async () => undefined },
        clock: { nowMs: Date.now, sleep: async () => {} },
      }),
      stop: async () => {
        await server.send('DELETE', `/${prefix}-millis,${prefix}-nanos`);
      },
    };
  });
});
