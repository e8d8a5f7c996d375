import { describe, expect, it } from 'vitest';
import { eachRecord, everyRecord, idAfter } from '../../../shared/flows/records/each-record.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';

/** Ten records, `a0` to `a9`, and one of another partition; `reads` counts the pages. */
const tenRecords = async () => {
  const store = memoryRecordStore();
  for (let n = 0; n < 10; n += 1) await store.compareAndSet({ partition: 'ten', id: `a${n}`, value: n }, 0);
  await store.compareAndSet({ partition: 'tenth', id: 'other', value: 0 }, 0);
  const counted = { reads: 0 };
  const range: typeof store.range = (...asked) => {
    counted.reads += 1;
    return store.range(...asked);
  };
  return { store, counted, records: { ...store, range } };
};

describe('each record of a partition', () => {
  it.each([1, 3, 5, 9, 10, 11, 1_000])('is given once and in order, in pages of %i', async (pageSize) => {
    const { records, counted } = await tenRecords();
    const ids: string[] = [];
    for await (const { id } of eachRecord(records, 'ten', { pageSize })) ids.push(id);
    expect(ids).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7', 'a8', 'a9']);
    expect(counted.reads).toBe(Math.floor(10 / pageSize) + 1);
  });

  it('begins after an id, whether or not there is such a record', async () => {
    const { records } = await tenRecords();
    const firstAfter = async (id: string) => {
      const { value } = await eachRecord(records, 'ten', { from: idAfter(id) }).next();
      return value?.id;
    };
    expect([await firstAfter('a3'), await firstAfter('a3x'), await firstAfter('a9')]).toEqual(['a4', 'a4', undefined]);
  });

  it('costs no more reads than its reader goes on for, and may be removed meanwhile', async () => {
    const { store, records, counted } = await tenRecords();
    let seen = 0;
    for await (const { partition, id, version } of eachRecord(records, 'ten', { pageSize: 3 })) {
      await store.remove(partition, id, version);
      seen += 1;
      if (seen === 6) break;
    }
    expect(counted.reads).toBe(2);
    expect((await everyRecord(records, 'ten')).map(({ id }) => id)).toEqual(['a6', 'a7', 'a8', 'a9']);
  });
});
