import { expect, it } from 'vitest';
import type { Elastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf } from './stage.ts';

/** Documents that cannot be read, and pages that do not fit. */
export const playSizes = (elasticOf: () => Promise<Elastic>): void => {
  it('F33 a document of 20 MB, one of an illegal shape and one with a key __proto__ lie in a page: they are marked, the rest arrives', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const around = documentsFrom(index, '2026-03-01T09:00:00.000Z', 10);
    const at = (id: string, parts: Readonly<Record<string, unknown>>) => ({
      index,
      id,
      source: { '@timestamp': '2026-03-01T09:00:05.500Z', ...parts },
    });
    const poison = [
      at('large', { message: { 'event.action': 'agent_login', note: 'x'.repeat(20_000_000) } }),
      at('odd', { message: [[{ 'event.action': { deep: [null, [1]] } }]], url: [] }),
      at('proto', JSON.parse('{"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}}')),
    ];
    await elastic.create(index, { dynamic: false });
    await elastic.put([...around, ...poison]);
    const stage = aStageBefore(elastic);
    expect(await stage.pull()).toMatchObject({ result: 'done', journaled: 13 });
    await stage.expectOnce(idsOf([...around, ...poison]));
    expect(Reflect.get({}, 'isAdmin')).toBeUndefined();
    const large = (await stage.events()).find(({ event }) => event.id.endsWith('/large'));
    expect(JSON.stringify(large).length).toBeLessThan(2_000_000);
    expect(large?.labels).toMatchObject({ leftovers: 'removed: larger than 1 MiB' });
  });

  it('F34 a page is larger than an answer may be, one event alone even so: pages shrink, that event comes without its content', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    await elastic.create(index, { dynamic: false });
    const note = 'x'.repeat(20_000);
    const heavy = documentsFrom(index, '2026-03-01T09:00:00.000Z', 60).map((document) => ({
      ...document,
      source: { ...document.source, message: { note } },
    }));
    const alone = { index, id: 'alone', source: { '@timestamp': '2026-03-01T09:00:30.500Z', note: note.repeat(20) } };
    await elastic.put([...heavy, alone]);
    const stage = aStageBefore(elastic, { maxAnswerBytes: 300_000 });
    expect(await stage.pull()).toMatchObject({ result: 'done', journaled: 61, unreadable: 1 });
    await stage.expectOnce(idsOf([...heavy, alone]));
    const event = (await stage.events()).find(({ event: { id } }) => id === `${index}/alone`);
    expect(event).toMatchObject({ event: { kind: 'pipeline_error' }, '@timestamp': '2026-03-01T09:00:30.500Z' });
  });
};
