import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectNoCanary } from '../../support/canaries.ts';
import { sluice } from '../../support/sluice-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeReal } from '../support/server-url.ts';
import { serverAt } from './server.ts';

const samples = join(import.meta.dirname, '../../../samples');

describeReal('the command line on Elasticsearch', 'ELASTICSEARCH_URL', 'test/real/elasticsearch/run', (url) => {
  const server = serverAt(url);
  const index = `closer-command-line-${process.pid}`;
  let ids: readonly string[] = [];

  beforeAll(async () => {
    const hits = (await readFile(join(samples, 'samples.ndjson'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    ids = hits.map(({ _id }) => `${index}/${_id}`);
    await server.index(hits.map(({ _id, _source }) => ({ index, id: _id, source: _source })));
  });
  afterAll(() => server.send('DELETE', `/${index}`));

  /** `event.id` of every event that was delivered into a folder, twice when it came twice; nothing secret among it. */
  const deliveredTo = async (folder: string): Promise<readonly string[]> => {
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.gz'));
    const texts = await Promise.all(
      files.map(async (name) => gunzipSync(await readFile(join(folder, name))).toString()),
    );
    texts.forEach(expectNoCanary);
    return texts.flatMap((text) =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).event.id),
    );
  };

  it('brings every sample once, to the operator and to its tenant, and a later one by the next run', async () => {
    const cwd = await temporaryFolder();
    const to = (id: string, tenant: string) => ({ id, tenant, destination: { type: 'folder', path: join(cwd, id) } });
    const subscriptions = [to('operator', '*'), to('aurora', 'aurora'), to('baltic', 'baltic'), to('cobalt', 'cobalt')];
    await writeFile(join(cwd, 'subscriptions.json'), JSON.stringify(subscriptions));
    const env = {
      SLUICE_SOURCE_URL: url,
      SLUICE_SOURCE_INDEX: `${index}*`,
      SLUICE_TENANTS_FILE: join(samples, 'tenants.json'),
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
    };
    const run = async (...words: string[]) => {
      const ended = await sluice(words, { cwd, env });
      expectNoCanary(ended.stdout + ended.stderr);
      expect(ended, ended.stderr).toMatchObject({ code: 0 });
      return ended.stdout;
    };

    expect(JSON.parse(await run('pull', '--json'))).toMatchObject({ result: 'done', journaled: 150, unattributed: 3 });
    await run('deliver');
    expect([...(await deliveredTo(join(cwd, 'operator')))].sort()).toEqual([...ids].sort());
    const counts = await Promise.all(
      ['aurora', 'baltic', 'cobalt'].map(async (id) => (await deliveredTo(join(cwd, id))).length),
    );
    expect(counts).toEqual([55, 49, 43]);

    const later = { '@timestamp': new Date().toISOString(), message: { 'event.action': 'agent_logout' } };
    await server.index([{ index, id: 'later', source: later }]);
    expect(JSON.parse(await run('pull', '--json'))).toMatchObject({ kept: 1 });
    await run('deliver');
    expect(await deliveredTo(join(cwd, 'operator'))).toHaveLength(151);
  });
});
