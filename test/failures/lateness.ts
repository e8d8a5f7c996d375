import { expect, it } from 'vitest';
import type { Document, Elastic } from './elastic.ts';
import { aStageBefore, idsOf, isoOf, noon } from './stage.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** Events that become visible long after the time they bear. */
export const playLateness = (elasticOf: () => Promise<Elastic>): void => {
  it('F11 events become visible 1 s, 30 s, 10 min and 6 h late: all are delivered; 30 h late, beyond the horizon: counted as missed', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const late = [1_000, 30_000, 10 * minuteMs, 6 * hourMs, 30 * hourMs].map((lateMs) => ({
      index,
      id: `late-by-${lateMs}`,
      source: { '@timestamp': isoOf(noon + 5_000) },
      atMs: noon + 5_000 + lateMs,
    }));
    const stage = aStageBefore(elastic);
    await elastic.put([{ index, id: 'in-time', source: { '@timestamp': isoOf(noon - 1_000) } }]);
    await stage.pull();
    let next = 0;
    for (const stepMs of [6_000, 30_000, 9 * minuteMs, 6 * minuteMs, ...Array.from({ length: 16 }, () => 2 * hourMs)]) {
      stage.clock.advance(stepMs);
      const shown = late.filter(({ atMs }) => atMs <= stage.clock.nowMs());
      await elastic.put(shown.slice(next).map(({ atMs: _, ...document }) => document));
      next = shown.length;
      await stage.pull();
      await stage.reconcile();
    }
    expect(next).toBe(5);
    expect(await stage.reconcile({ rung: 'horizon' })).toMatchObject({ lateRecovered: 2, lateMissed: 1 });
    await stage.expectOnce([`${index}/in-time`, ...idsOf(late.slice(0, 4))]);
  });

  it('F12 a failure store is emptied: events with old times and their own _ids appear now, and are delivered once beside the stream', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const at = (id: string, ms: number): Document => ({ index, id, source: { '@timestamp': isoOf(ms) } });
    const stream = Array.from({ length: 60 }, (_, n) => at(`s${n}`, noon - hourMs + n * minuteMs));
    const failed = Array.from({ length: 30 }, (_, n) => at(`failed-${n}`, noon - 50 * minuteMs + n * minuteMs));
    await elastic.put(stream);
    const stage = aStageBefore(elastic);
    await stage.pull();
    stage.clock.advance(5 * hourMs);
    const fresh = [at('fresh', noon + 5 * hourMs - 1_000)];
    await elastic.put([...failed, ...fresh]);
    await stage.pull();
    expect(await stage.reconcile()).toMatchObject({ recovered: 30, lateMissed: 0 });
    expect(await stage.reconcile({ rung: 'horizon' })).toMatchObject({ recovered: 0 });
    await stage.expectOnce(idsOf([...stream, ...failed, ...fresh]));
    expect((await stage.journal().manifest(3))?.kind).toBe('late');
  });
};
