import { describe, expect, it } from 'vitest';
import { checkpointPartition } from '../../shared/core/checkpoint.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { readStatus } from '../../shared/flows/read-status.ts';
import { rebuildCheckpoint } from '../../shared/flows/rebuild-checkpoint.ts';
import { aRoster } from '../support/a-roster.ts';
import { aStageInMemory, documentsFrom, hitOf, idsOf, isoOf, noon } from './stage.ts';

const aDayMs = 24 * 3_600_000;

describe('in memory', () => {
  it('F29 the state is missing, empty, cut off or from the future: pull stops and names the repair, after which nothing is lost', async () => {
    const early = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', 3);
    const late = documentsFrom('closer-a', '2026-03-01T12:00:30.000Z', 2);
    const spoil: Readonly<Record<string, ((good: object) => unknown) | 'lost'>> = {
      missing: 'lost',
      empty: () => ({}),
      'cut off': (good) => JSON.stringify(good).slice(0, 40),
      'of another type': (good) => ({ ...good, head: '1' }),
      'with a broken place in a walk': (good) => ({ ...good, left: { view: { id: 'v' }, walked: -1 } }),
      'from the future': (good) => ({ ...good, watermark: '2031-01-01T00:00:00.000000000Z' }),
    };
    for (const [kind, change] of Object.entries(spoil)) {
      const stage = aStageInMemory(early);
      await stage.pull();
      const version = stage.records.records().find(({ partition }) => partition === checkpointPartition)?.version ?? 0;
      if (change === 'lost') stage.records.lose(checkpointPartition, 'closer');
      else {
        const value = change(stage.checkpoint() ?? {});
        await stage.records.compareAndSet({ partition: checkpointPartition, id: 'closer', value }, version);
      }
      for (const event of late) stage.source.add(hitOf(event));
      stage.clock.advance(60_000);
      await expect(stage.pull(), kind).rejects.toThrow(OperatorMustFix);
      await expect(stage.pull(), kind).rejects.toThrow('npx sluice rebuild-checkpoint');
      expect(await stage.journaled()).toEqual(idsOf(early));
      await rebuildCheckpoint({ ...stage, journal: stage.journal(), roster: aRoster([]) });
      await stage.pull();
      await stage.expectOnce(idsOf([...early, ...late]));
    }
  });

  it('F30 nothing was pulled for ten days: it goes on where it stopped, and says how far behind it is until it has caught up', async () => {
    const before = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', 3);
    const stage = aStageInMemory(before);
    await stage.pull();
    const missed = documentsFrom('closer-a', isoOf(noon + 60_000), 5_000, (10 * aDayMs) / 5_000);
    for (const event of missed) stage.source.add(hitOf(event));
    stage.clock.advance(10 * aDayMs + 120_000);
    const status = () => readStatus({ journal: stage.journal(), records: stage.records, clock: stage.clock }, []);
    expect((await status()).source.lagMs).toBeGreaterThan(10 * aDayMs);
    const first = await stage.pull({ budget: 1_000 });
    expect(first).toMatchObject({ result: 'more', journaled: 1_000 });
    expect(first.lagMs).toBeGreaterThan(7 * aDayMs);
    const last = await stage.pull();
    expect(last).toMatchObject({ result: 'done', journaled: 4_000, lagMs: 300_000 });
    expect((await status()).source.lagMs).toBe(300_000);
    await stage.expectOnce(idsOf([...before, ...missed]));
  });
});
