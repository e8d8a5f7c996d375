/**
 * Pulls, reconciliations and backfills at once, their calls in any order, answers lost before or after they took effect: whatever happened,
 * every event ends in the journal once.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import { toInstant } from '../../shared/core/instant.ts';
import { backfill } from '../../shared/flows/backfill.ts';
import type { Compression } from '../../shared/flows/journal/compression.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { pullSource } from '../../shared/flows/pull-source.ts';
import { reconcileSource } from '../../shared/flows/reconcile-source.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import { aHit, aWorld, hitsFrom, plainRead } from '../support/world.ts';

/** No thread pool: the order of calls is the scheduler's alone. */
const atOnce: Compression = {
  zip: async (bytes) => gzipSync(bytes, { level: 1 }),
  unzip: async (bytes) => gunzipSync(bytes),
};

const instant = (text: string) => toInstant(text) ?? expect.fail(`no instant: ${text}`);
const forEver = () => Number.POSITIVE_INFINITY;

type World = ReturnType<typeof aWorld>;

/** The flows of one process each, over stores whose calls `through` orders. */
const flowsOver = (world: World, through: (label: string, call: () => Promise<unknown>) => Promise<unknown>) => {
  const ordered = <Port extends object>(port: Port, label: string): Port =>
    new Proxy(port, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function'
          ? (...args: readonly unknown[]) =>
              through(`${label}.${String(name)}`, async () => Reflect.apply(value, target, args))
          : value;
      },
    });
  const blobs: BlobStore = ordered(world.blobs, 'blobs');
  const records: RecordStore = ordered(world.records, 'records');
  const deps = () => ({
    source: world.source,
    journal: openJournal({ store: blobs, source: 'closer', compression: atOnce }),
    records,
    clock: world.clock,
    read: plainRead,
    telemetry: world.telemetry,
  });
  return {
    pull: () => pullSource(deps(), { start: { kind: 'beginning' }, overlapMs: 300_000, remainingMs: forEver }),
    reconcile: () =>
      reconcileSource(deps(), {
        rung: 'day',
        horizonMs: 86_400_000,
        remainingMs: forEver,
        segment: { bytes: 1e6, events: 3 },
      }),
    backfill: () =>
      backfill(deps(), {
        from: instant('2026-03-01T08:00:00Z'),
        to: instant('2026-03-01T11:00:00Z'),
        remainingMs: forEver,
        segment: { bytes: 1e6, events: 2 },
      }),
  };
};

type Flow = keyof ReturnType<typeof flowsOver>;

const patiently = async (run: () => Promise<unknown>): Promise<void> => {
  await run().catch((error: unknown) => {
    if (!(error instanceof RetryLater)) throw error;
  });
};

const early = hitsFrom('2026-03-01T09:00:00.000Z', 6, 600_000);
const late = [
  ...hitsFrom('2026-03-01T09:00:30.000Z', 5, 600_000, 'bolt'),
  ...hitsFrom('2026-03-01T08:30:00.000Z', 4, 1_000, 'bolt'),
];

const aWorldWithLateEvents = async (): Promise<World> => {
  const world = aWorld({ hits: early });
  await world.pull();
  for (const hit of late) world.source.add(hit);
  for (const hit of hitsFrom('2026-03-01T11:57:00.000Z', 3, 1_000)) world.source.add(hit);
  return world;
};

const expectEachOnce = async (world: World): Promise<void> => {
  const ids = await world.journaled();
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids).toHaveLength(early.length + late.length + 3);
};

describe('at once', () => {
  it.each<readonly [string, readonly Flow[]]>([
    ['a pull and a reconciliation', ['pull', 'reconcile']],
    ['two reconciliations', ['reconcile', 'reconcile']],
    ['two backfills and a reconciliation', ['backfill', 'backfill', 'reconcile']],
    ['all of them', ['pull', 'reconcile', 'reconcile', 'backfill']],
  ])('%s journal every event once, in whatever order their calls come', async (_, flows) => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = await aWorldWithLateEvents();
        const through = (label: string, call: () => Promise<unknown>) =>
          scheduler.schedule(Promise.resolve(), label).then(call);
        const run = flowsOver(world, through);
        const all = Promise.all(flows.map((flow) => patiently(run[flow])));
        await scheduler.waitFor(all);
        const calm = flowsOver(world, (_, call) => call());
        await calm.pull();
        await calm.reconcile();
        await expectEachOnce(world);
      }),
      { numRuns: 40 },
    );
  });
});

describe('with an answer lost at any call', () => {
  it.each<Flow>(['reconcile', 'backfill'])('%s loses and doubles nothing once it runs again', async (flow) => {
    let reached = true;
    for (let at = 0; reached; at += 1)
      for (const point of ['before', 'after'] as const) {
        const world = await aWorldWithLateEvents();
        let calls = 0;
        const decide = () => (calls++ === at ? point : undefined);
        world.blobs.failWhen(decide);
        world.records.failWhen(decide);
        const run = flowsOver(world, (_, call) => call());
        await patiently(run[flow]);
        world.blobs.failWhen(() => undefined);
        world.records.failWhen(() => undefined);
        reached = calls > at;
        await run.pull();
        await run[flow]();
        await run.reconcile();
        await expectEachOnce(world);
      }
  });
});

describe('over a day of moves', () => {
  const move = fc.oneof(
    fc.record({
      kind: fc.constant('late' as const),
      ageMinutes: fc.integer({ min: 6, max: 600 }),
      count: fc.integer({ min: 1, max: 4 }),
    }),
    fc.record({ kind: fc.constant('fresh' as const), count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 1, max: 90 }) }),
    fc.record({
      kind: fc.constantFrom('pull' as const, 'reconcile' as const, 'backfill' as const),
      call: fc.nat(40),
      point: fc.constantFrom('before' as const, 'after' as const, undefined),
    }),
  );

  it('whatever dies at whatever call, every event within the horizon is journaled once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(move, { minLength: 3, maxLength: 20 }), async (moves) => {
        const world = aWorld();
        await world.pull();
        const run = flowsOver(world, (_, call) => call());
        const written: string[] = [];
        const write = (n: number, count: number, ageMs: number): void => {
          for (let copy = 0; copy < count; copy += 1) {
            world.source.add(aHit(`e${n}-${copy}`, new Date(world.clock.nowMs() - ageMs - copy).toISOString()));
            written.push(`closer/e${n}-${copy}`);
          }
        };
        for (const [n, one] of moves.entries()) {
          if (one.kind === 'late') write(n, one.count, one.ageMinutes * 60_000);
          else if (one.kind === 'fresh') write(n, one.count, 1_000);
          else if (one.kind === 'wait') world.clock.advance(one.minutes * 60_000);
          else {
            let calls = 0;
            const decide = () => (calls++ === one.call ? one.point : undefined);
            world.blobs.failWhen(decide);
            world.records.failWhen(decide);
            await patiently(run[one.kind]);
            world.blobs.failWhen(() => undefined);
            world.records.failWhen(() => undefined);
          }
        }
        world.clock.advance(600_000);
        await run.pull();
        await run.reconcile();
        expect([...(await world.journaled())].sort()).toEqual(written.sort());
      }),
      { numRuns: 120 },
    );
  });
});
