import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { ndjsonSource } from '../../shared/adapters/ndjson-source.ts';
import { describeQuery } from '../contracts/query-contract.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { elasticsearchStandIn, shelfOf } from '../support/elasticsearch-stand-in.ts';
import { edgeHits, readSample, sampleHits } from '../support/sample-hits.ts';

const hits = [...sampleHits(), ...edgeHits()];
const clock = recordingClock();
const timeOf = (hit: (typeof hits)[number]) => readSample(hit, '2026-05-05T12:00:00.000Z').time;

describeQuery('the source in memory', async () => ({
  hits,
  source: memorySource({ id: 'closer', clock, hits: hits.map((hit) => ({ ...hit, sort: [timeOf(hit) ?? null] })) }),
}));

describeQuery('an NDJSON log', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-query-'));
  const path = join(folder, 'closer.ndjson');
  await writeFile(path, hits.map((hit) => `${JSON.stringify(hit)}\n`).join(''));
  return {
    hits,
    source: ndjsonSource({ id: 'closer', path, timeField: '@timestamp', clock }),
    stop: () => rm(folder, { recursive: true, force: true }),
  };
});

describeQuery('a stand-in for Elasticsearch', async () => {
  const indexed = hits.filter((hit) => hit._source !== undefined);
  const standIn = await elasticsearchStandIn(
    shelfOf(indexed.map((hit) => ({ index: hit._index, id: hit._id, source: hit._source, time: timeOf(hit) }))),
  );
  const options = {
    id: 'closer',
    url: standIn.url,
    index: 'closer*',
    timeField: '@timestamp',
    secrets: memorySecrets(),
    clock,
  };
  return { hits: indexed, source: elasticsearchSource(options), stop: standIn.stop };
});
