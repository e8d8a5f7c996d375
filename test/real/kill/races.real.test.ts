import { afterAll, beforeAll, expect, it } from 'vitest';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { serverAt } from '../elasticsearch/server.ts';
import { describeReal } from '../support/server-url.ts';
import { growingLog } from './growing-log.ts';
import { race, settle } from './race.ts';
import {
  deliveredIntoFolder,
  deliveredOnceTo,
  expectEachOnce,
  seeded,
  unreliable,
  writeSubscriptions,
} from './stage.ts';

describeReal('many processes on one SQLite file and one folder', 'ELASTICSEARCH_URL', 'npm run test:kill', (url) => {
  const server = serverAt(url);
  const index = `closer-raced-${process.pid}`;
  const log = growingLog(server, index);

  beforeAll(() => log.create());
  afterAll(async () => {
    await log.stop();
    await server.send('DELETE', `/${index}`);
  });

  it('have lost and doubled nothing: eight pulls and eight deliveries at once', { timeout: 600_000 }, async () => {
    const cwd = await temporaryFolder();
    const { hooks, calmDown } = await unreliable(50);
    await using _ = hooks;
    const subscriptions = await writeSubscriptions(cwd, hooks.url);
    const env = {
      SLUICE_SOURCE_URL: url,
      SLUICE_SOURCE_INDEX: `${index}*`,
      SLUICE_TENANT: 'acme',
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    };
    // The state is made by whoever is first.
    log.grow(seeded(1));
    await race({ cwd, env, each: 8, rounds: 3 });
    await log.stop();
    calmDown();
    await server.send('POST', `/${index}/_refresh`);
    await settle({ cwd, env });

    expect(log.ids.length).toBeGreaterThan(0);
    const failures = log.ids.filter((_id, n) => n % 3 === 0);
    for (const id of subscriptions.filter((each) => each !== 'folder'))
      expectEachOnce(deliveredOnceTo(hooks.received, id), id === 'failures' ? failures : log.ids, id);
    expectEachOnce(await deliveredIntoFolder(cwd), log.ids, 'folder');
  });
});
