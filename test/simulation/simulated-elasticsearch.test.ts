import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { describeSource } from '../contracts/source-contract.ts';
import type { SourceDocument } from '../contracts/source-documents.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { simulatedElasticsearch } from './engine/simulated-elasticsearch.ts';
import { wireTo } from './engine/wire.ts';

const traits = {
  refreshMs: 0,
  mostHits: Number.POSITIVE_INFINITY,
  refusedAbove: 0,
  unknownView: 'missing',
} as const;

describeSource('the source before a simulated Elasticsearch', async (documents) => {
  const clock = recordingClock();
  const engine = simulatedElasticsearch(clock, traits);
  for (const document of documents) engine.write(writtenOf(document, clock.nowMs()), sourceOf);
  const wire = wireTo(async (_, request) => engine.answer(request));
  const url = 'http://engine.example.com:9200';
  const settings = { id: 'closer', url, index: 'closer*', timeField: '@timestamp' };
  return { source: elasticsearchSource({ ...settings, secrets: memorySecrets(), clock, wire }) };
});

const sourceOf = (time: string | undefined) => ({ ...(time !== undefined && { '@timestamp': time }) });

const writtenOf = ({ id, time, precision }: SourceDocument, nowMs: number) => ({
  id,
  index: precision === 'nanos' ? ('nanos' as const) : ('millis' as const),
  owner: 'aurora' as const,
  time:
    time === undefined
      ? ('none' as const)
      : {
          ageMs: nowMs - Date.parse(`${time.slice(0, 23).replace('Z', '')}Z`),
          floorMs: 0,
          nanos: Number(time.slice(23, 29).replace('Z', '')),
        },
  delayMs: 0,
  outcome: 'success' as const,
});
