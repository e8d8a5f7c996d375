/** What a tick costs follows who has something to do, not who is there. */
import { describe, expect, it } from 'vitest';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { aCrowd } from '../support/a-crowd.ts';

const hourMs = 3_600_000;

/** A crowd whose first tick, which looks at everybody, is over. */
const aKnownCrowd = async (subscriptions: number) => {
  const crowd = await aCrowd(memoryRecordStore(), { subscriptions });
  await crowd.tick();
  return crowd;
};

describe('a tick', () => {
  it('of 1 000 subscriptions, 50 of them with news, asks the store for as much as one of 100', async () => {
    const [few, many] = [await aKnownCrowd(100), await aKnownCrowd(1_000)];
    await Promise.all([few.news(5), many.news(5)]);
    const [small, large] = [await few.tick(), await many.tick()];
    expect(large.counted).toEqual(small.counted);
    expect(large.counted).toEqual({ get: 2, range: 6, due: 1, write: 1, records: 52, states: 0 });
    expect(new Set(large.woken)).toEqual(new Set(['operator', ...many.ids.slice(0, 50)]));
  });

  it('without news is two reads of one record and one of the due index, however many there are', async () => {
    const many = await aKnownCrowd(1_000);
    expect(await many.tick()).toMatchObject({
      woken: [],
      counted: { get: 2, range: 0, due: 1, write: 0, records: 2, states: 0 },
    });
  });

  it('with 50 retries due reads those 50 of the index, and no state', async () => {
    const many = await aKnownCrowd(1_000);
    await many.falling(50);
    expect(await many.tick()).toMatchObject({
      woken: many.ids.slice(0, 50),
      counted: { get: 2, range: 0, due: 1, records: 52, states: 0 },
    });
  });

  it('looks once an hour at everybody, 200 states at a time, and wakes whom a lost message has left behind', async () => {
    const many = await aKnownCrowd(1_000);
    await many.news(5);
    expect((await many.tick()).woken).toHaveLength(51);
    many.clock.advance(hourMs);
    const looks = [];
    for (let ticks = 0; ticks < 7; ticks += 1) looks.push(await many.tick());
    expect(looks.map(({ counted }) => counted.states)).toEqual([200, 200, 200, 200, 200, 1, 0]);
    expect(looks.flatMap(({ woken }) => woken).toSorted()).toEqual(['operator', ...many.ids.slice(0, 50)].toSorted());
  });

  it('wakes everybody who is behind within a day, tenants without events too', async () => {
    const many = await aKnownCrowd(300);
    await many.news(1);
    await many.tick();
    many.clock.advance(25 * hourMs);
    const woken = [...(await many.tick()).woken, ...(await many.tick()).woken];
    expect(woken.toSorted()).toEqual(['operator', ...many.ids].toSorted());
  });

  it('looks at everybody at once when what it remembers is lost', async () => {
    const store = memoryRecordStore();
    const many = await aCrowd(store, { subscriptions: 300 });
    await many.tick();
    await many.news(5);
    store.lose('wake', 'closer');
    expect((await many.tick()).woken).toHaveLength(51);
  });
});
