import { describe, expect, it } from 'vitest';
import { elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import { beginningOfTime, instantFromMs, toInstant } from '../../shared/core/instant.ts';
import { describeSource } from '../contracts/source-contract.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { elasticsearchStandIn, shelfOf } from '../support/elasticsearch-stand-in.ts';

const sourceAt = (url: string) =>
  elasticsearchSource({
    id: 'closer',
    url,
    index: 'closer*',
    timeField: '@timestamp',
    secrets: memorySecrets(),
    clock: recordingClock(),
  });

describeSource('Elasticsearch stand-in', async (documents) => {
  const standIn = await elasticsearchStandIn(
    shelfOf(
      documents.map(({ id, time }) => ({
        index: 'closer',
        id,
        source: { '@timestamp': time },
        time: time === undefined ? undefined : toInstant(time),
      })),
    ),
  );
  return { source: sourceAt(standIn.url), stop: standIn.stop };
});

describe('Elasticsearch source', () => {
  it('frees every view it opened', async () => {
    const standIn = await elasticsearchStandIn();
    const source = sourceAt(standIn.url);
    const range = { from: beginningOfTime, to: instantFromMs(Date.UTC(2030, 0, 1)) };
    const walks = [await source.open({ range }), await source.open({ range, side: 'outside' })];
    expect(standIn.openViews()).toBe(2);
    for (const walk of walks) await walk.close();
    expect(standIn.openViews()).toBe(0);
    await standIn.stop();
  });
});
