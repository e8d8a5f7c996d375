import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSource } from '../../shared/adapters/open-source.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { elasticsearchStandIn } from '../support/elasticsearch-stand-in.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const deps = { secrets: memorySecrets(), clock: recordingClock() };

describe('the source that the settings name', () => {
  it('is a log when they name a file', async () => {
    const path = join(await temporaryFolder(), 'log.ndjson');
    await writeFile(path, '{"@timestamp":"2026-01-01T00:00:00Z"}\n');
    const source = await openSource({ kind: 'ndjson', id: 'log', path, timeField: '@timestamp' }, deps);
    expect(source.id).toBe('log');
    expect(await source.preflight()).toEqual({ description: 'NDJSON file', indices: ['log.ndjson'] });
  });

  it('is an Elasticsearch when they name a URL', async () => {
    const standIn = await elasticsearchStandIn();
    const settings = { id: 'closer', url: standIn.url, index: 'closer*', timeField: '@timestamp' };
    const source = await openSource({ kind: 'elasticsearch', ...settings }, deps);
    expect(await source.preflight()).toEqual({ description: 'Elasticsearch 9.5.3', indices: ['closer'] });
    await standIn.stop();
  });
});
