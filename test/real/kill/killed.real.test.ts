import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startSluice } from '../../support/sluice-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { serverAt } from '../elasticsearch/server.ts';
import { describeReal } from '../support/server-url.ts';
import { growingLog } from './growing-log.ts';
import {
  deliveredIntoFolder,
  deliveredOnceTo,
  expectEachOnce,
  seeded,
  unreliable,
  whoWaits,
  writeSubscriptions,
} from './stage.ts';

const kills = Number(process.env['KILLS'] ?? 100);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** From before the first line of ours is read to well into the second pull. */
const shortestLifeMs = 150;
const longestLifeMs = 3_000;

describeReal('a process that dies without warning', 'ELASTICSEARCH_URL', 'npm run test:kill', (url) => {
  const server = serverAt(url);
  const index = `closer-killed-${process.pid}`;
  const log = growingLog(server, index);
  beforeAll(() => log.create());
  afterAll(async () => {
    await log.stop();
    await server.send('DELETE', `/${index}`);
  });

  it(`has lost and doubled nothing after ${kills} kills (seed ${seed})`, {
    timeout: 600_000 + kills * 10_000,
  }, async () => {
    const random = seeded(seed);
    const cwd = await temporaryFolder();
    const { hooks, calmDown } = await unreliable(17);
    await using _ = hooks;
    const subscriptions = await writeSubscriptions(cwd, hooks.url);
    const env = {
      SLUICE_SOURCE_URL: url,
      SLUICE_SOURCE_INDEX: `${index}*`,
      SLUICE_TENANT: 'acme',
      SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json',
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
      SLUICE_PULL_INTERVAL_SECONDS: '1',
      SLUICE_HTTP_PORT: '0',
    };
    log.grow(seeded(seed + 1));

    let killed = 0;
    let died = '';
    while (killed < kills) {
      const life = startSluice(['start'], { cwd, env });
      await Promise.race([pause(shortestLifeMs + random() * (longestLifeMs - shortestLifeMs)), life.ended]);
      life.signal('SIGKILL');
      const { code, stderr } = await life.ended;
      // Whoever ended by itself was not killed: that is a failure of its own.
      expect(code, stderr).toBe(null);
      died = stderr;
      killed += 1;
    }
    await log.stop();
    const { ids } = log;
    calmDown();

    const survivor = startSluice(['start'], { cwd, env });
    const patience = Date.now() + 400_000;
    // A claim of the dead lasts a minute; then somebody else may send.
    const settled = async (): Promise<boolean> =>
      new Set(deliveredOnceTo(hooks.received, 'tiny')).size >= ids.length && (await whoWaits(cwd, env)).length === 0;
    while (!(await settled())) {
      expect(Date.now(), `not settled in time; the last that died said: ${died.slice(-2000)}`).toBeLessThan(patience);
      await pause(1000);
    }
    survivor.signal('SIGINT');
    expect(await survivor.ended).toMatchObject({ code: 0 });

    expect(ids.length).toBeGreaterThan(kills);
    const failures = ids.filter((_id, n) => n % 3 === 0);
    for (const id of subscriptions.filter((each) => each !== 'folder'))
      expectEachOnce(deliveredOnceTo(hooks.received, id), id === 'failures' ? failures : ids, id);
    expectEachOnce(await deliveredIntoFolder(cwd), ids, 'folder');
    process.stdout.write(
      `${killed} kills, ${ids.length} events, ${hooks.received.length} requests: each event once at ${subscriptions.length} subscriptions\n`,
    );
  });
});
