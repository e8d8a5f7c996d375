import { expect, it } from 'vitest';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import { aStageBefore, documentsFrom, idsOf, isPage } from '../../failures/stage.ts';
import { describeReal } from '../support/server-url.ts';
import { realElastic } from './real-elastic.ts';

/** What a real server does by itself, and a stand-in only repeats. */
describeReal('failures that Elasticsearch makes itself', 'ELASTICSEARCH_URL', 'test/real/failures/run', (url) => {
  it('F6 one index of the pattern has the time as text: an error that names the index and the fix, and no checkpoint moves', async () => {
    const elastic = await realElastic(url);
    const events = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 3);
    await elastic.put(events);
    const stage = aStageBefore(elastic);
    await stage.pull();
    const { watermark } = stage.checkpoint() ?? {};
    await elastic.create(`${elastic.name}-text`, { time: 'text' });
    stage.clock.advance(60_000);
    const pull = stage.pull();
    await expect(pull).rejects.toThrow(OperatorMustFix);
    await expect(pull).rejects.toThrow(
      `it is text in ${elastic.name}-text. Name another field, or map this one as date`,
    );
    expect(stage.checkpoint()?.watermark).toBe(watermark);
    await stage.expectOnce(idsOf(events));
  });

  it.each(['closed', 'deleted'])(
    'F19 the only index is %s: an error that names the setting, never "0 new events"; with an index again it goes on',
    async (fate) => {
      const elastic = await realElastic(url);
      const index = `${elastic.name}-a`;
      const events = documentsFrom(index, '2026-03-01T11:58:00.000Z', 3);
      await elastic.put(events);
      const stage = aStageBefore(elastic);
      await stage.pull();
      const { watermark } = stage.checkpoint() ?? {};
      if (fate === 'closed') await elastic.server.send('POST', `/${index}/_close`);
      else await elastic.remove(index);
      stage.clock.advance(60_000);
      const pull = stage.pull();
      await expect(pull).rejects.toThrow(OperatorMustFix);
      await expect(pull).rejects.toThrow(`matches SLUICE_SOURCE_INDEX "*${elastic.name}*"`);
      expect(stage.checkpoint()?.watermark).toBe(watermark);
      const late = documentsFrom(`${elastic.name}-b`, '2026-03-01T12:00:30.000Z', 2);
      await elastic.put(late);
      await stage.pull();
      await stage.expectOnce(idsOf([...events, ...late]));
    },
  );

  it.each(['closed', 'deleted'])(
    'F20 an index is %s in the middle of a walk: the walk goes on over the others, and the run comes to its end',
    async (fate) => {
      const elastic = await realElastic(url);
      const [stays, goes] = [`${elastic.name}-stays`, `${elastic.name}-goes`];
      const events = documentsFrom(stays, '2026-03-01T09:00:00.000Z', 3_000, 10);
      const gone = documentsFrom(goes, '2026-03-01T09:00:00.000Z', 3_000, 10);
      await elastic.put([...events, ...gone]);
      const stage = aStageBefore(elastic);
      let pages = 0;
      elastic.tap.obey(async (asked, forward) => {
        if (isPage(asked)) pages += 1;
        if (isPage(asked) && pages === 3)
          await (fate === 'closed' ? elastic.server.send('POST', `/${goes}/_close`) : elastic.remove(goes));
        return forward();
      });
      expect(await stage.pull()).toMatchObject({ result: 'done' });
      const journaled = await stage.journaled();
      expect(new Set(journaled).size).toBe(journaled.length);
      expect(journaled.filter((id) => id.startsWith(stays))).toEqual(idsOf(events));
      expect(journaled.length).toBeLessThan(6_000);
      await stage.expectOnce(journaled);
    },
  );

  it('F20 the view expires between two pages: a new one is opened, nothing is lost, nothing comes twice', async () => {
    const elastic = await realElastic(url);
    const events = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 4_000, 1);
    await elastic.put(events);
    const stage = aStageBefore(elastic);
    const openViews = async (): Promise<number> => {
      const stats = await elastic.server.send('GET', `/${elastic.name}-a/_stats/search`);
      return Object(Object(Object(stats)._all).total).search.open_contexts;
    };
    let pages = 0;
    // The view is kept for a second instead of minutes, and the second page waits until the server has given it up.
    elastic.tap.obey(async (asked, forward) => {
      const keepAlive = pages < 2 ? '1s' : '5m';
      const path = asked.path.replace('keep_alive=5m', `keep_alive=${keepAlive}`);
      const pit = asked.body['pit'] && { ...Object(asked.body['pit']), keep_alive: keepAlive };
      if (isPage(asked)) pages += 1;
      if (isPage(asked) && pages === 2) await expect.poll(openViews, { timeout: 30_000, interval: 100 }).toBe(0);
      return forward({ ...asked, path, body: { ...asked.body, ...(pit && { pit }) } });
    });
    expect(await stage.pull()).toMatchObject({ result: 'done', kept: 4_000 });
    await stage.expectOnce(idsOf(events));
  });

  it('F24 an index allows windows of 10 events: its pages shrink to that, and the walk goes through all of it', async () => {
    const elastic = await realElastic(url);
    await elastic.create(`${elastic.name}-narrow`, { mostHits: 10 });
    const events = documentsFrom(`${elastic.name}-narrow`, '2026-03-01T09:00:00.000Z', 300);
    await elastic.put(events);
    const stage = aStageBefore(elastic);
    expect(await stage.pull()).toMatchObject({ result: 'done', read: 300 });
    await stage.expectOnce(idsOf(events));
  });

  it('F42 the server is of this version: it says so in preflight, and is read to its end', async () => {
    const elastic = await realElastic(url);
    const events = documentsFrom(`${elastic.name}-a`, '2026-03-01T09:00:00.000Z', 2_000, 1);
    await elastic.put(events);
    const stage = aStageBefore(elastic);
    const root = await elastic.server.send('GET', '/');
    const { number } = Object(root).version;
    expect(number).toMatch(/^[789]\./);
    expect((await stage.source.preflight()).description).toBe(`Elasticsearch ${number}`);
    await stage.pull();
    await stage.expectOnce(idsOf(events));
  });
});
