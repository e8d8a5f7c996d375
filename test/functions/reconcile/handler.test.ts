import { describe, expect, it } from 'vitest';
import { reconcileHandler } from '../../../functions/reconcile/handler.ts';
import { RetryLater } from '../../../shared/core/errors.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import tick from '../../fixtures/lambda/schedule.json' with { type: 'json' };
import { aRoster } from '../../support/a-roster.ts';
import { aHit, aSubscription, aWorld, hitsFrom, plainRead } from '../../support/world.ts';

const soon = { getRemainingTimeInMillis: () => 300_000 };
const hits = hitsFrom('2026-03-01T11:00:00Z', 30);

const aReconcileFunction = async () => {
  const world = aWorld({ hits });
  const subscriptions = [aSubscription({ id: 'acme-soc' })];
  await world.pull();
  const { source, records, clock, queue, telemetry } = world;
  const deps = {
    source,
    records,
    clock,
    queue,
    telemetry,
    roster: aRoster(subscriptions),
    journal: world.journal(),
    journalStore: world.blobs,
    secrets: memorySecrets({ rootKey: 'r'.repeat(32) }),
    reader: async () => plainRead,
    horizonMs: 24 * 3_600_000,
  };
  return { world, deps, run: reconcileHandler(Promise.resolve(deps)) };
};

const headsIn = (names: readonly string[]) => names.filter((name) => name.startsWith('heads/closer/'));

describe('the reconcile function', () => {
  it('journals what became visible late on a tick of the schedule, and wakes every subscription it may concern', async () => {
    const { run, world } = await aReconcileFunction();
    world.source.add(aHit('late', '2026-03-01T11:00:30.000Z'));
    expect(await run(tick, soon)).toMatchObject({ rung: 'horizon', result: 'done', recovered: 1, woken: 1 });
    expect(await world.journaled()).toContain('closer/late');
    expect(world.queue.take()).toEqual(['acme-soc']);
  });

  it('compares the last hour on the next tick, and nothing before that', async () => {
    const { run, world } = await aReconcileFunction();
    expect(await run(tick, soon)).toMatchObject({ rung: 'horizon' });
    expect(await run(tick, soon)).toMatchObject({ rung: 'none', result: 'nothing to do', woken: 0 });
    world.clock.advance(300_000);
    expect(await run(tick, soon)).toMatchObject({ rung: 'hour', result: 'done' });
  });

  it('stops with time in hand, says that there is more, and goes on with the next tick', async () => {
    const { run, world } = await aReconcileFunction();
    world.source.add(aHit('late', '2026-03-01T11:00:30.000Z'));
    expect(await run(tick, { getRemainingTimeInMillis: () => 19_000 })).toMatchObject({ result: 'more', recovered: 0 });
    expect(await run(tick, soon)).toMatchObject({ rung: 'horizon', result: 'done', recovered: 1 });
  });

  it('fails when the source does not answer, and finds the same with the next tick', async () => {
    const { run, world } = await aReconcileFunction();
    world.source.add(aHit('late', '2026-03-01T11:00:30.000Z'));
    world.source.failNext({ at: 'countPerMinute', error: new RetryLater('Elasticsearch does not answer.') });
    await expect(run(tick, soon)).rejects.toThrow('Elasticsearch does not answer.');
    expect(headsIn(world.blobs.names())).toHaveLength(1);
    expect(await run(tick, soon)).toMatchObject({ rung: 'horizon', recovered: 1 });
  });

  it('signs a head once an hour when something has changed, and says where it is', async () => {
    const { run, world } = await aReconcileFunction();
    const { head } = await run(tick, soon);
    expect(headsIn(world.blobs.names())).toEqual([head]);
    expect((await run(tick, soon)).head).toBeUndefined();
    world.source.add(aHit('new', '2026-03-01T12:00:00Z'));
    await world.pull();
    world.clock.advance(3_600_000);
    expect((await run(tick, soon)).head).toBeDefined();
  });

  it('fails when no head can be signed, after the comparison has done its work', async () => {
    const { run, world } = await aReconcileFunction();
    world.source.add(aHit('late', '2026-03-01T11:00:30.000Z'));
    await world.blobs.putIfAbsent('heads/closer/000000000001-0000000000000.json', Buffer.from('no head'));
    await expect(run(tick, soon)).rejects.toThrow('is not a signed head');
    expect(await world.journaled()).toContain('closer/late');
    expect(world.queue.take()).toEqual(['acme-soc']);
  });
});
