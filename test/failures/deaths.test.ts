import { describe, expect, it } from 'vitest';
import { RetryLater } from '../../shared/core/errors.ts';
import type { FaultPoint } from '../fakes/faults.ts';
import { Crash, memoryDestination } from '../fakes/memory-destination.ts';
import { aStage, aStageInMemory, documentsFrom, idsOf } from './stage.ts';

const inTwos = { batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } };

/** A process that dies at its n-th step outside itself, before or after that took effect; afterwards it does nothing any more. */
const mortal = (diesAt: number, point: FaultPoint) => {
  let steps = 0;
  return {
    steps: () => steps,
    step: (): FaultPoint | undefined => {
      steps += 1;
      return steps < diesAt ? undefined : steps === diesAt ? point : 'before';
    },
  };
};

describe('in memory', () => {
  it('F26 the process is killed at any step between page and delivery: nothing is lost, one batch at most is repeated', async () => {
    const events = documentsFrom('closer-a', '2026-03-01T11:58:00.000Z', 5);
    const play = async (diesAt: number, point: FaultPoint): Promise<number> => {
      let life = mortal(diesAt, point);
      const crashes = { before: 'crash before', after: 'crash after' } as const;
      const receiver = memoryDestination({
        otherwise: () => {
          const dies = life.step();
          return dies ? crashes[dies] : 'delivered';
        },
      });
      const stage = aStageInMemory(events, { receiver });
      stage.blobs.failWhen(() => life.step());
      stage.records.failWhen(() => life.step());
      const process = async () => {
        await stage.pull({ segment: { events: 2, bytes: 1_000 } });
        await stage.deliver(receiver, inTwos);
      };
      await process().catch((death: unknown) => {
        if (!(death instanceof Crash || death instanceof RetryLater)) throw death;
      });
      const steps = life.steps();
      life = mortal(Number.POSITIVE_INFINITY, point);
      stage.clock.advance(120_000);
      await process();
      expect([...(await stage.journaled())].sort(), `died ${point} step ${diesAt}`).toEqual([...idsOf(events)].sort());
      expect(receiver.lines().map((line) => JSON.parse(line).event.id)).toEqual(idsOf(events));
      const repeated = receiver.accepted.length - new Set(receiver.accepted.map(({ id }) => id)).size;
      expect(repeated, `died ${point} step ${diesAt}`).toBeLessThanOrEqual(1);
      return steps;
    };
    const whole = await play(Number.POSITIVE_INFINITY, 'before');
    expect(whole).toBeGreaterThan(15);
    for (let step = 1; step <= whole; step += 1)
      for (const point of ['before', 'after'] as const) await play(step, point);
  });

  it('F27 two schedules fire at once: one run appends, the other leaves, one request is sent for each batch', async () => {
    const events = documentsFrom('closer-a', '2026-03-01T11:58:00.000Z', 6);
    const stage = aStageInMemory(events);
    const runs = await Promise.all([stage.pull(), stage.pull()]);
    expect(runs.map(({ result }) => result).sort()).toEqual(['busy', 'done']);
    await Promise.all([stage.deliver(stage.receiver, inTwos), stage.deliver(stage.receiver, inTwos)]);
    expect(stage.receiver.attempts).toHaveLength(3);
    await stage.expectOnce(idsOf(events));
  });

  it('F28 of pages that are fetched at once a later one comes and an earlier one fails: the checkpoint stands before the failed one', async () => {
    const events = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', 7_000);
    const stage = aStageInMemory(events);
    // The first page is worked on, the second fails meanwhile; what lies behind it could be fetched at any time.
    let pages = 0;
    const remainingMs = (): number => {
      pages += 1;
      if (pages === 1) stage.source.failNext({ at: 'page', error: new RetryLater('1 of 2 shards failed') });
      return Number.POSITIVE_INFINITY;
    };
    await expect(stage.pull({ remainingMs, segment: { events: 1_000, bytes: 1_000_000 } })).rejects.toThrow(RetryLater);
    const journaled = await stage.journaled();
    expect(journaled.length).toBeGreaterThan(0);
    expect(journaled).toEqual(idsOf(events).slice(0, journaled.length));
    const last = events[journaled.length - 1]?.source['@timestamp'];
    expect(stage.checkpoint()?.watermark.slice(0, 23)).toBe(String(last).slice(0, 23));
    await stage.pull();
    await stage.expectOnce(idsOf(events));
  });

  it('F31 a window cannot be read by one run: each run moves the checkpoint within it, and none repeats what the last one did', async () => {
    const events = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', 9_000, 100);
    const stage = aStageInMemory(events);
    const marks = new Set<string | undefined>();
    for (let result = 'more'; result === 'more'; ) {
      const run = await stage.pull({ budget: 3_000 });
      expect(run.read - run.kept).toBeLessThanOrEqual(1);
      marks.add(stage.checkpoint()?.watermark);
      ({ result } = run);
    }
    expect(marks.size).toBeGreaterThan(2);
    await stage.expectOnce(idsOf(events));
  });

  it('F35 a run is frozen in the middle of a page and thawed after the next one has ended: it is fenced, and doubles nothing', async () => {
    const events = documentsFrom('closer-a', '2026-03-01T11:00:00.000Z', 3_000, 1_000);
    const stage = aStageInMemory(events);
    const thaw = Promise.withResolvers<void>();
    const frozen = aStage(
      {
        ...stage.source,
        open: async (request) => {
          const walk = await stage.source.open(request);
          return {
            ...walk,
            page: (after, limit) =>
              after ? thaw.promise.then(() => walk.page(after, limit)) : walk.page(after, limit),
          };
        },
      },
      stage.clock,
      stage,
    );
    const zombie = frozen.pull();
    expect(await stage.pull()).toMatchObject({ result: 'done', journaled: 3_000 });
    await stage.deliver();
    stage.clock.advance(60_000);
    thaw.resolve();
    expect(await zombie).toMatchObject({ result: 'busy', journaled: 0 });
    await stage.expectOnce(idsOf(events));
  });
});
