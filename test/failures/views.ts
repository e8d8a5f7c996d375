import { expect, it } from 'vitest';
import type { Asked } from '../support/wire-tap.ts';
import type { Elastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf, isPage } from './stage.ts';

/** A view that dies and an answer that is lost while pages are read. */
export const playViews = (elasticOf: () => Promise<Elastic>): void => {
  it('F20 the view dies in the middle of a walk: it is opened anew at the last time, nothing is lost, nothing comes twice', async () => {
    const elastic = await elasticOf();
    const tie = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 2_000, 0);
    const rest = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:01.000Z', 4_000, 1);
    await elastic.put([...tie, ...rest]);
    const stage = aStageBefore(elastic);
    let pages = 0;
    elastic.tap.obey(async (asked, forward) => {
      if (isPage(asked)) pages += 1;
      if (isPage(asked) && [2, 4, 6].includes(pages))
        await forward({ method: 'DELETE', path: '/_pit', body: { id: Reflect.get(Object(asked.body['pit']), 'id') } });
      return forward();
    });
    expect(await stage.pull()).toMatchObject({ result: 'done', kept: 6_000 });
    expect(pages).toBeGreaterThan(6);
    await stage.expectOnce(idsOf([...tie, ...rest]));
  });

  it('F22 the answer to a page is lost after the server has worked on it: the same page is asked for again', async () => {
    const elastic = await elasticOf();
    const documents = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 1_500);
    await elastic.put(documents);
    const stage = aStageBefore(elastic);
    const pages: Asked[] = [];
    elastic.tap.obey(async (asked, forward) => {
      const told = await forward();
      if (isPage(asked)) pages.push(asked);
      return isPage(asked) && pages.length === 2 ? 'dropped' : told;
    });
    expect(await stage.pull()).toMatchObject({ result: 'done', read: 1_500 });
    expect(pages[2]?.body).toEqual(pages[1]?.body);
    await stage.expectOnce(idsOf(documents));
  });
};
