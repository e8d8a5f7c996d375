import { describe, expect, it } from 'vitest';
import { pullHandler } from '../../../functions/pull/handler.ts';
import { RetryLater } from '../../../shared/core/errors.ts';
import type { ReadHit } from '../../../shared/core/reading/read-hit.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import tick from '../../fixtures/lambda/schedule.json' with { type: 'json' };
import { aRoster } from '../../support/a-roster.ts';
import { aHit, aSubscription, aWorld, hitsFrom, plainRead } from '../../support/world.ts';

const soon = { getRemainingTimeInMillis: () => 300_000 };
const hits = hitsFrom('2026-03-01T11:00:00Z', 30);

const aPullFunction = (world = aWorld({ hits })) => {
  const subscriptions = [aSubscription({ id: 'acme-soc' }), aSubscription({ id: 'acme-late', start: 'now' })];
  const { source, records, clock, queue, telemetry } = world;
  const deps = {
    source,
    records,
    clock,
    queue,
    telemetry,
    roster: aRoster(subscriptions),
    journal: world.journal(),
    reader: async () => plainRead,
    start: { kind: 'beginning' },
    overlapMs: 300_000,
  } as const;
  return { world, subscriptions, deps, run: pullHandler(Promise.resolve(deps)) };
};

describe('the pull function', () => {
  it('journals what is new on a tick of the schedule, and wakes every subscription it may concern', async () => {
    const { run, world } = aPullFunction();
    expect(await run(tick, soon)).toMatchObject({ result: 'done', read: 30, journaled: 30, woken: 2 });
    expect(await world.journaled()).toHaveLength(30);
    expect(world.queue.take().toSorted()).toEqual(['acme-late', 'acme-soc']);
  });

  it('journals nothing twice on the next tick', async () => {
    const { run, world } = aPullFunction();
    await run(tick, soon);
    expect(await run(tick, soon)).toMatchObject({ result: 'done', journaled: 0 });
    expect(await world.journaled()).toHaveLength(30);
  });

  it('lets a new subscription begin now, which is before this pull', async () => {
    const { run, world, subscriptions } = aPullFunction();
    await run(tick, soon);
    const late = subscriptions[1];
    if (!late) throw new Error('there are two subscriptions');
    const destination = memoryDestination();
    await world.deliver(late, destination);
    expect(destination.lines()).toHaveLength(30);
  });

  it('reads each run by the tenants as they are then, and journals nothing when they cannot be read', async () => {
    const { deps, world } = aPullFunction();
    const readers: ReadHit[] = [
      (hit, readAt) => ({ ...plainRead(hit, readAt), tenant: 'acme' }),
      (hit, readAt) => ({ ...plainRead(hit, readAt), tenant: 'bolt' }),
    ];
    const reader = async (): Promise<ReadHit> => {
      const next = readers.shift();
      if (!next) throw new RetryLater('the tenants cannot be read');
      return next;
    };
    const run = pullHandler(Promise.resolve({ ...deps, reader }));
    await run(tick, soon);
    world.source.add(aHit('later', '2026-03-01T11:59:00.000Z'));
    await run(tick, soon);
    const tenants = [1, 2].map(async (seq) => Object.keys((await world.journal().appended(seq)).tenants));
    expect(await Promise.all(tenants)).toEqual([['acme'], ['bolt']]);
    world.source.add(aHit('last', '2026-03-01T11:59:01.000Z'));
    await expect(run(tick, soon)).rejects.toThrow('the tenants cannot be read');
    expect(await world.journaled()).toHaveLength(31);
  });

  it('stops with time in hand, and says that there is more', async () => {
    const { run } = aPullFunction();
    expect(await run(tick, { getRemainingTimeInMillis: () => 19_000 })).toMatchObject({ result: 'more' });
  });

  it('wakes what is due although the source does not answer, and fails all the same', async () => {
    const { deps, world } = aPullFunction();
    await world.pull();
    const source = {
      ...deps.source,
      preflight: () => Promise.reject(new RetryLater('Elasticsearch does not answer.')),
    };
    const run = pullHandler(Promise.resolve({ ...deps, source }));
    await expect(run(tick, soon)).rejects.toThrow('Elasticsearch does not answer.');
    expect(world.queue.take()).toEqual(['acme-soc']);
  });
});
