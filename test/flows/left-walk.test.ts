import { describe, expect, it } from 'vitest';
import { standInElastic } from '../failures/elastic.ts';
import { aStageBefore, documentsFrom, idsOf } from '../failures/stage.ts';

const tie = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', 14_000, 0);
const after = documentsFrom('closer-a', '2026-03-01T09:00:01.000Z', 10);

const aStageInATie = async () => {
  const elastic = await standInElastic();
  await elastic.put([...tie, ...after]);
  const stage = aStageBefore(elastic);
  expect(await stage.pull({ budget: 6_000 })).toMatchObject({ result: 'more' });
  const openings = () => elastic.tap.asked.filter(({ path }) => path.includes('/_pit?')).length;
  return { elastic, stage, openings };
};

describe('a run that stops within one instant', () => {
  it('leaves its view open, and the next run goes on in it without reading anything twice', async () => {
    const { elastic, stage, openings } = await aStageInATie();
    expect(elastic.standIn.openViews()).toBe(1);
    const opened = openings();
    const second = await stage.pull({ budget: 6_000 });
    expect(second.kept).toBe(second.read);
    expect(openings()).toBe(opened);
    await stage.pull();
    await stage.expectOnce(idsOf([...tie, ...after]));
    expect(stage.checkpoint()?.left).toBeUndefined();
    expect(elastic.standIn.openViews()).toBe(0);
  });

  it('loses and doubles nothing when the view is gone meanwhile', async () => {
    const { elastic, stage } = await aStageInATie();
    const { view } = stage.checkpoint()?.left ?? {};
    await fetch(`${elastic.standIn.url}/_pit`, { method: 'DELETE', body: JSON.stringify({ id: view?.id }) });
    await stage.pull();
    await stage.expectOnce(idsOf([...tie, ...after]));
    expect(stage.checkpoint()?.watermark).toBe('2026-03-01T11:55:00.000000000Z');
  });

  it('brings what became visible meanwhile by the run that follows', async () => {
    const { elastic, stage } = await aStageInATie();
    const late = documentsFrom('closer-b', '2026-03-01T11:58:00.000Z', 5);
    await elastic.put(late);
    await stage.pull();
    await stage.pull();
    await stage.expectOnce(idsOf([...tie, ...after, ...late]));
  });

  it('does not pass a gap that lies in front of where it was left', async () => {
    const { elastic, stage } = await aStageInATie();
    const checkpoint = stage.records.records().find(({ partition }) => partition === 'checkpoint');
    const { left } = stage.checkpoint() ?? {};
    const counted = { ...stage.checkpoint(), left: { ...left, view: { ...left?.view, count: 14_011 } } };
    await stage.records.compareAndSet(
      { partition: 'checkpoint', id: 'closer', value: counted },
      checkpoint?.version ?? 0,
    );
    expect(await stage.pull()).toMatchObject({ result: 'more' });
    expect(stage.checkpoint()?.watermark).toBe('2026-03-01T09:00:00.000000000Z');
    expect(await stage.pull()).toMatchObject({ result: 'done' });
    await stage.expectOnce(idsOf([...tie, ...after]));
    expect(elastic.standIn.openViews()).toBe(0);
  });

  it('begins anew at the last time where the instant is no larger than a page', async () => {
    const elastic = await standInElastic();
    const spread = documentsFrom('closer-a', '2026-03-01T09:00:00.000Z', 9_000, 1);
    await elastic.put(spread);
    const stage = aStageBefore(elastic);
    expect(await stage.pull({ budget: 4_000 })).toMatchObject({ result: 'more' });
    expect(stage.checkpoint()?.left).toBeUndefined();
    expect(elastic.standIn.openViews()).toBe(0);
  });
});
