import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { elasticsearchSource } from '../../../shared/adapters/elasticsearch-source.ts';
import { systemClock } from '../../../shared/adapters/system-clock.ts';
import { RetryLater } from '../../../shared/core/errors.ts';
import { aStage, aStageBefore, documentsFrom, idsOf, isPage } from '../../failures/stage.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { firstPort, howToTurnOn, isTurnedOn } from './how-to-turn-on.ts';
import { realElastic } from './real-elastic.ts';
import { type RealNode, realNode } from './real-node.ts';

/** Nodes that start on a busy machine take their time. */
const timeout = 300_000;

/**
 * Three nodes: a cluster of two, of which one holds data alone so that the other stays master without it, and a cluster of one that has a
 * single thread and a short queue for searches.
 */
const startNodes = async () => {
  const seeds = { 'discovery.type': 'multi-node', 'discovery.seed_hosts': `127.0.0.1:${firstPort + 100}` };
  const short = { 'thread_pool.search.size': '1', 'thread_pool.search.queue_size': '8' };
  const started: RealNode[] = [];
  onStop = async () => {
    for (const node of started) await node.stop();
  };
  // One after the other: where one fails, those before it are known.
  const start = async (nth: number, settings: Readonly<Record<string, string>>): Promise<RealNode> => {
    const node = await realNode(firstPort + nth, settings);
    started.push(node);
    return node;
  };
  return {
    master: await start(0, { ...seeds, 'cluster.initial_master_nodes': `node-${firstPort}` }),
    worker: await start(1, { ...seeds, 'node.roles': 'data' }),
    busy: await start(2, { 'cluster.name': 'busy', ...short }),
  };
};

let onStop: () => Promise<void> = async () => {};

if (!isTurnedOn()) it.skip(howToTurnOn);

describe.runIf(isTurnedOn())('real nodes', () => {
  let nodes: Readonly<Record<'master' | 'worker' | 'busy', RealNode>>;
  beforeAll(async () => {
    nodes = await startNodes();
  }, timeout);
  afterAll(() => onStop());

  /** Events in two shards, one on each node of the cluster, without a replica. */
  const eventsOnTwoNodes = async () => {
    const elastic = await realElastic(nodes.master.url);
    const index = `${elastic.name}-a`;
    await elastic.server.send('PUT', `/${index}`, {
      mappings: { properties: { '@timestamp': { type: 'date' } } },
      settings: {
        number_of_shards: 2,
        number_of_replicas: 0,
        'index.routing.allocation.total_shards_per_node': 1,
        'index.unassigned.node_left.delayed_timeout': '0',
      },
    });
    const isWhole = () => elastic.server.send('GET', `/_cluster/health/${index}?wait_for_status=green&timeout=120s`);
    await isWhole();
    const events = documentsFrom(index, '2026-03-01T09:00:00.000Z', 4_000, 10);
    await elastic.put(events);
    return { elastic, index, events, isWhole, stage: aStageBefore(elastic) };
  };

  it('F16 the node of one shard dies: searches answer 200 with half the events, pull takes none of them, all arrive once it is back', {
    timeout,
  }, async () => {
    const { elastic, index, events, isWhole, stage } = await eventsOnTwoNodes();
    await nodes.worker.kill();
    // What a puller that looks at the status alone takes for everything.
    const searched = await elastic.server.send('GET', `/${index}/_search?size=0&track_total_hits=true`);
    const { hits, _shards } = Object(searched);
    expect(_shards).toMatchObject({ total: 2, failed: 1 });
    expect(hits.total.value).toBeLessThan(events.length);

    await expect(stage.pull()).rejects.toThrow(RetryLater);
    expect(await stage.journaled()).toEqual([]);
    expect(stage.checkpoint()).toMatchObject({ watermark: '1970-01-01T00:00:00.000000000Z', head: 0 });
    await nodes.worker.restart();
    await isWhole();
    await stage.pull();
    await stage.expectOnce(idsOf(events));
  });

  it('F20 a node restarts in the middle of a walk: the view has lost its shard, a new one brings the rest, nothing comes twice', {
    timeout,
  }, async () => {
    const { elastic, events, isWhole, stage } = await eventsOnTwoNodes();
    let pages = 0;
    elastic.tap.obey(async (asked, forward) => {
      if (isPage(asked)) pages += 1;
      if (isPage(asked) && pages === 2) {
        await nodes.worker.kill();
        await nodes.worker.restart();
        await isWhole();
      }
      return forward();
    });
    // The adapter's own limit of one exchange is shorter than a node takes to start on a busy machine.
    const run = await stage.pull().catch(() => stage.pull());
    expect(run).toMatchObject({ result: 'done' });
    expect(elastic.tap.asked.filter(({ path }) => path.includes('/_pit?')).length).toBeGreaterThan(2);
    await stage.expectOnce(idsOf(events));
  });

  it('F25 others fill the queue of the search threads: pull is refused, asks for less, waits, and brings everything once', {
    timeout,
  }, async () => {
    const elastic = await realElastic(nodes.busy.url);
    const index = `${elastic.name}-a`;
    await elastic.create(index, { shards: 2 });
    const events = documentsFrom(index, new Date(Date.now() - 3_600_000).toISOString(), 2_000, 100);
    await elastic.put(events);
    const statuses: number[] = [];
    elastic.tap.obey(async (_, forward) => {
      const told = await forward();
      statuses.push(told.status);
      return told;
    });
    const clock = systemClock;
    const secrets = memorySecrets();
    const source = elasticsearchSource({
      id: 'closer',
      url: elastic.tap.url,
      index,
      timeField: '@timestamp',
      secrets,
      clock,
    });
    const stage = aStage(source, clock);
    let isBusy = true;
    const others = Array.from({ length: 8 }, async () => {
      while (isBusy) await fetch(`${nodes.busy.url}/${index}/_search?size=1000`).then((answer) => answer.arrayBuffer());
    });
    for (let runs = 1; !statuses.includes(429); runs += 1) {
      await stage.pull().catch((error: unknown) => {
        if (!(error instanceof RetryLater)) throw error;
      });
      expect(runs, 'the queue is never full').toBeLessThan(50);
    }
    isBusy = false;
    await Promise.all(others);
    await stage.pull();
    await stage.expectOnce(idsOf(events));
  });

  it('F18 a remote cluster dies in the middle of a walk and may be skipped: no page and no view without it is taken', {
    timeout,
  }, async () => {
    const near = await realElastic(nodes.master.url);
    const far = await realElastic(nodes.busy.url);
    await near.server.send('PUT', '/_cluster/settings', {
      persistent: { 'cluster.remote.far': { seeds: [nodes.busy.transport], skip_unavailable: true } },
    });
    const [ours, theirs] = [near, far].map(({ name }) =>
      documentsFrom(`${name}-a`, '2026-03-01T09:00:00.000Z', 2_000, 10),
    );
    if (!ours || !theirs) throw new Error('two clusters hold events');
    await near.put(ours);
    await far.put(theirs);
    const index = `${near.name}-a,far:${far.name}-a`;
    const skipped = async (): Promise<number> => {
      const searched = await near.server.send('GET', `/${index}/_search`);
      return Object(Object(searched)._clusters).skipped;
    };
    await expect.poll(skipped, { timeout: 60_000 }).toBe(0);
    const stage = aStageBefore(near, { index });
    let pages = 0;
    near.tap.obey(async (asked, forward) => {
      if (isPage(asked)) pages += 1;
      if (isPage(asked) && pages === 2) await nodes.busy.kill();
      return forward();
    });
    await expect(stage.pull()).rejects.toThrow(RetryLater);
    // The one page that was whole is journaled; the watermark follows nothing.
    expect(stage.checkpoint()).toMatchObject({ watermark: '1970-01-01T00:00:00.000000000Z', head: 1 });
    near.tap.obey(undefined);
    await nodes.busy.restart();
    await expect.poll(skipped, { timeout: 120_000 }).toBe(0);
    await stage.pull();
    await stage.expectOnce([...idsOf(ours), ...idsOf(theirs).map((id) => `far:${id}`)]);
  });
});
