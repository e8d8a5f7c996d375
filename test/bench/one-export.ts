/** The HTTP API before the Elasticsearch of `stand-in.ts`, in a process of its own: prints its address and a key; asked by a message, its peak memory in MB. */
import { serveHttp } from '../../cli/start/serve-http.ts';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { eventsApp } from '../../shared/http/events-app.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { storeKey } from '../support/store-key.ts';

const [port] = process.argv.slice(2);
const records = memoryRecordStore();
const secrets = memorySecrets({ rootKey: 'the root key of the measurement' });
const silent = () => {};
const app = eventsApp({
  source: elasticsearchSource({
    id: 'closer',
    url: `http://127.0.0.1:${port}`,
    index: 'closer',
    timeField: '@timestamp',
    secrets,
    clock,
  }),
  reader: async () => hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') }),
  records,
  secrets,
  clock,
  answers: 'streamed',
  telemetry: {
    pullRun: silent,
    attempt: silent,
    deliverRun: silent,
    reconcileRun: silent,
    alert: silent,
    notice: silent,
  },
});
const { url } = await serveHttp(app, { host: '127.0.0.1', port: 0 });
const { text: key } = await storeKey({ records, clock }, { tenant: 'acme', scopes: ['events:read'] });
process.on('message', () => process.send?.({ rssMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
process.send?.({ url, key });
