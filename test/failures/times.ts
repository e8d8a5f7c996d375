import { expect, it } from 'vitest';
import type { Elastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf, isoOf, noon } from './stage.ts';

/** Time fields that are finer than a number, of two types, missing, or of another year. */
export const playTimes = (elasticOf: () => Promise<Elastic>): void => {
  it('F5 times in nanoseconds do not fit into a number: the cursor goes back to the server digit by digit', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-nanos`;
    await elastic.create(index, { time: 'date_nanos' });
    const documents = Array.from({ length: 2_500 }, (_, n) => ({
      index,
      id: `n${n}`,
      source: { '@timestamp': `2026-03-01T09:00:00.12345${String(6_700 + n).padStart(4, '0')}Z` },
    }));
    await elastic.put(documents);
    const stage = aStageBefore(elastic);
    await stage.pull();
    const cursors = elastic.tap.asked.flatMap(({ body }) => ('search_after' in body ? [body['search_after']] : []));
    expect(cursors[0]).toEqual(['2026-03-01T09:00:00.123457699Z', expect.any(Number)]);
    await stage.expectOnce(idsOf(documents));
    expect(await stage.journaled()).toEqual(idsOf(documents));
  });

  it('F6 the time field is date in the old index and date_nanos in the new one: one order, and nothing is lost between', async () => {
    const elastic = await elasticOf();
    const [old, young] = [`${elastic.name}-1`, `${elastic.name}-2`];
    await elastic.create(old, { time: 'date' });
    await elastic.create(young, { time: 'date_nanos' });
    const documents = Array.from({ length: 2_400 }, (_, n) => {
      const millisecond = `2026-03-01T09:00:${String(10 + Math.floor(n / 200)).padStart(2, '0')}.${String(n % 200).padStart(3, '0')}`;
      const isOld = n % 2 === 0;
      return {
        index: isOld ? old : young,
        id: `m${n}`,
        source: { '@timestamp': isOld ? `${millisecond}Z` : `${millisecond}000501Z` },
      };
    });
    await elastic.put(documents);
    const stage = aStageBefore(elastic);
    await stage.pull();
    expect(await stage.journaled()).toEqual(idsOf(documents));
    await stage.expectOnce(idsOf(documents));
  });

  it('F7 events have no time field, a null in it, or only a dotted spelling of another: all are counted and arrive once', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const dated = documentsFrom(index, '2026-03-01T09:00:00.000Z', 3);
    const untimed = [
      { index, id: 'none', source: { message: { 'event.action': 'agent_login' } } },
      { index, id: 'null', source: { '@timestamp': null, message: { 'event.action': 'agent_login' } } },
      {
        index,
        id: 'dotted',
        source: { 'message.@timestamp': '2026-03-01T09:00:01.500Z', 'message.event.action': 'agent_login' },
      },
    ];
    await elastic.put([...dated, ...untimed]);
    const stage = aStageBefore(elastic);
    expect(await stage.pull()).toMatchObject({ read: 6, journaled: 6 });
    stage.clock.advance(60_000);
    expect(await stage.pull()).toMatchObject({ kept: 0 });
    await stage.expectOnce(idsOf([...dated, ...untimed]));
    const shown = new Map((await stage.events()).map((event) => [event.event.id, event]));
    expect(shown.get(`${index}/none`)?.labels).toMatchObject({ time: 'missing' });
    expect(shown.get(`${index}/dotted`)?.['@timestamp']).toBe('2026-03-01T09:00:01.500Z');
  });

  it('F8 one event is dated a year ahead: it arrives once, marked as an exception, and holds up nothing', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const ahead = { index, id: 'ahead', source: { '@timestamp': '2027-03-01T12:00:00.000Z' } };
    const before = documentsFrom(index, '2026-03-01T09:00:00.000Z', 3);
    await elastic.put([ahead, ...before]);
    const stage = aStageBefore(elastic);
    await stage.pull();
    stage.clock.advance(60_000);
    const after = documentsFrom(index, isoOf(noon + 30_000), 3);
    await elastic.put(after);
    await stage.pull();
    await stage.expectOnce(idsOf([ahead, ...before, ...after]));
    expect(await stage.journal().manifest(2)).toMatchObject({ kind: 'exception', count: 1 });
    expect(stage.checkpoint()?.watermark).toBe('2026-03-01T11:56:00.000000000Z');
    // Its time has come: the scan meets it again, and the journal knows it.
    stage.clock.advance(366 * 24 * 3_600_000);
    await stage.pull();
    await stage.expectOnce(idsOf([ahead, ...before, ...after]));
  });
};
