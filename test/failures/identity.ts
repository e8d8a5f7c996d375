import { expect, it } from 'vitest';
import type { Elastic } from './elastic.ts';
import { aStageBefore, documentsFrom, idsOf } from './stage.ts';

/** What makes two documents one event, and one document not two. */
export const playIdentity = (elasticOf: () => Promise<Elastic>): void => {
  it('F38 a backing index is replaced by its shrunken copy: its events keep their identity and arrive once', async () => {
    const elastic = await elasticOf();
    const backing = `.ds-${elastic.name}-2026.03.01-000001`;
    await elastic.create(backing, { shards: 2 });
    const events = documentsFrom(backing, '2026-03-01T11:58:00.000Z', 20);
    await elastic.put(events);
    const stage = aStageBefore(elastic);
    await stage.pull();
    await elastic.shrink(backing, `shrink-a1b2-${backing}`);
    stage.clock.advance(60_000);
    expect(await stage.pull()).toMatchObject({ read: 20, kept: 0 });
    await stage.expectOnce(events.map(({ id }) => `${elastic.name}/${id}`));
  });

  it('F39 two documents in two indices have one _id: they are two events and both arrive', async () => {
    const elastic = await elasticOf();
    const [one, other] = [`${elastic.name}-a`, `${elastic.name}-b`].flatMap((index) =>
      documentsFrom(index, '2026-03-01T09:00:00.000Z', 1).map((document) => ({ ...document, id: 'same' })),
    );
    if (!one || !other) throw new Error('two documents were asked for');
    await elastic.put([one, other]);
    const stage = aStageBefore(elastic);
    await stage.pull();
    await stage.expectOnce(idsOf([one, other]));
  });

  it('F40 a document is updated after it was delivered: the record keeps what was first read, and nothing is sent again', async () => {
    const elastic = await elasticOf();
    const index = `${elastic.name}-a`;
    const [event] = documentsFrom(index, '2026-03-01T11:59:00.000Z', 1);
    if (!event) throw new Error('one document was asked for');
    const first = { ...event, source: { ...event.source, message: { 'event.action': 'agent_login' } } };
    await elastic.put([first]);
    const stage = aStageBefore(elastic);
    await stage.pull();
    await elastic.replace({ ...event, source: { ...event.source, message: { 'event.action': 'agent_logout' } } });
    stage.clock.advance(60_000);
    expect(await stage.pull()).toMatchObject({ read: 1, kept: 0 });
    await stage.expectOnce(idsOf([event]));
    expect((await stage.events()).map(({ event: { action } }) => action)).toEqual(['agent_login']);
  });
};
