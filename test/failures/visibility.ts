import { expect, it } from 'vitest';
import type { Elastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf, isoOf, isPage, noon } from './stage.ts';

/** Events that can be found later than they were written, as refreshes, restarts and rollovers have it. */
export const playVisibility = (elasticOf: () => Promise<Elastic>): void => {
  it('F10 a bulk of 1 000 events becomes visible in one index before the other, and a run falls in between: all arrive', async () => {
    const elastic = await elasticOf();
    const [a, b] = [`${elastic.name}-a`, `${elastic.name}-b`];
    await elastic.create(a);
    await elastic.create(b);
    const bulk = Array.from({ length: 1_000 }, (_, n) => ({
      index: n % 2 === 0 ? a : b,
      id: `r${n}`,
      source: { '@timestamp': isoOf(noon - 5_000 + n) },
    }));
    await elastic.write(bulk);
    const stage = aStageBefore(elastic);
    expect(await stage.pull()).toMatchObject({ kept: 0 });
    await elastic.refresh(b);
    stage.clock.advance(400);
    expect(await stage.pull()).toMatchObject({ kept: 500 });
    await elastic.refresh(a);
    stage.clock.advance(400);
    expect(await stage.pull()).toMatchObject({ kept: 500 });
    await stage.expectOnce(idsOf(bulk));
  });

  it('F14 the process restarts in the middle of the overlap: it is read again, and nothing of it is sent again', async () => {
    const elastic = await elasticOf();
    const recent = documentsFrom(`${elastic.name}-a`, '2026-03-01T11:56:00.000Z', 200);
    await elastic.put(recent);
    const stage = aStageBefore(elastic);
    // Half of it is journaled when the process ends; each run of the stage knows only what is stored.
    await stage.pull({ budget: 1 });
    await stage.deliver();
    const late = documentsFrom(`${elastic.name}-a`, '2026-03-01T11:56:00.500Z', 100);
    await elastic.put(late);
    stage.clock.advance(30_000);
    expect(await stage.pull()).toMatchObject({ read: 300, kept: 100 });
    await stage.expectOnce(idsOf([...recent, ...late]));
  });

  it('F32 the index rolls over during a run: the next run reads the new one, without a restart', async () => {
    const elastic = await elasticOf();
    const old = documentsFrom(`${elastic.name}-000001`, '2026-03-01T11:57:00.000Z', 1_500, 10);
    const young = documentsFrom(`${elastic.name}-000002`, '2026-03-01T11:57:10.000Z', 20, 10);
    await elastic.put(old);
    const stage = aStageBefore(elastic);
    let pages = 0;
    elastic.tap.obey(async (asked, forward) => {
      if (isPage(asked)) pages += 1;
      if (pages === 2) {
        pages += 1;
        await elastic.put(young);
      }
      return forward();
    });
    expect(await stage.pull()).toMatchObject({ result: 'done', kept: 1_500 });
    stage.clock.advance(60_000);
    expect(await stage.pull()).toMatchObject({ kept: 20 });
    await stage.expectOnce(idsOf([...old, ...young]));
  });
};
