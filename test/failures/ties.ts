import { expect, it } from 'vitest';
import type { Elastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf } from './stage.ts';

/** Events that share an instant, at every place where a cursor may cut them in two. */
export const playTies = (elasticOf: () => Promise<Elastic>): void => {
  it('F1 one event more than a page holds shares one instant: the page boundary loses none of them', async () => {
    const elastic = await elasticOf();
    const tie = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 1_001, 0);
    await elastic.put(tie);
    const stage = aStageBefore(elastic);
    expect(await stage.pull()).toMatchObject({ result: 'done', read: 1_001 });
    await stage.expectOnce(idsOf(tie));
  });

  it('F2 an event becomes visible at the instant where the checkpoint stands: the next run brings it', async () => {
    const elastic = await elasticOf();
    const [a, b, c] = documentsFrom(`${elastic.name}-a`, '2026-03-01T11:55:00.000Z', 3, 0);
    if (!a || !b || !c) throw new Error('three documents were asked for');
    await elastic.put([a, b]);
    const stage = aStageBefore(elastic);
    await stage.pull();
    expect(stage.checkpoint()?.watermark).toBe('2026-03-01T11:55:00.000000000Z');
    await elastic.put([c]);
    expect(await stage.pull()).toMatchObject({ kept: 1 });
    await stage.expectOnce(idsOf([a, b, c]));
  });

  it('F3 50 000 events share one second and appear by three refreshes: each arrives once', {
    timeout: 180_000,
  }, async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const tie = documentsFrom(index, '2026-03-01T11:59:58.000Z', 50_000, 0);
    const stage = aStageBefore(elastic);
    for (const [from, to] of [
      [0, 20_000],
      [20_000, 35_000],
      [35_000, 50_000],
    ] as const) {
      await elastic.write(tie.slice(from, to));
      await elastic.refresh(index);
      await stage.pull();
      stage.clock.advance(1_000);
    }
    await stage.expectOnce(idsOf(tie));
  });

  it('F4 more events share an instant than one run can carry: every run makes progress, until all are there', {
    timeout: 180_000,
  }, async () => {
    const elastic = await elasticOf();
    const tie = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 60_000, 0);
    await elastic.put(tie);
    const stage = aStageBefore(elastic);
    let journaled = 0;
    for (let runs = 1; journaled < tie.length; runs += 1) {
      const run = await stage.pull({ budget: 20_000 });
      expect(run.journaled, `run ${runs}`).toBeGreaterThan(0);
      journaled += run.journaled;
      stage.clock.advance(60_000);
    }
    await stage.expectOnce(idsOf(tie));
  });

  it('F9 two events fall into the same millisecond, one before and one after a poll: both arrive', async () => {
    const elastic = await elasticOf();
    const [first, second] = documentsFrom(`${elastic.name}-a`, '2026-03-01T11:59:59.123Z', 2, 0);
    if (!first || !second) throw new Error('two documents were asked for');
    await elastic.put([first]);
    const stage = aStageBefore(elastic);
    await stage.pull();
    await elastic.put([second]);
    stage.clock.advance(1_000);
    await stage.pull();
    await stage.expectOnce(idsOf([first, second]));
  });
};
