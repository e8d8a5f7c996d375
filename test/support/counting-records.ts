import type { RecordStore } from '../../shared/ports/record-store.ts';

export interface Counted {
  /** Requests, by operation. */
  readonly get: number;
  readonly range: number;
  readonly due: number;
  readonly write: number;
  /** Records and ids that were given out. */
  readonly records: number;
  /** Of them: of the partition `subscription`. */
  readonly states: number;
}

const none: Counted = { get: 0, range: 0, due: 0, write: 0, records: 0, states: 0 };

/** A RecordStore that counts what is asked of another one. */
export const countingRecords = (store: RecordStore) => {
  let so = none;
  const add = (operation: 'get' | 'range' | 'due' | 'write', partition: string, records: number): void => {
    const states = partition === 'subscription' && operation !== 'due' ? records : 0;
    so = { ...so, [operation]: so[operation] + 1, records: so.records + records, states: so.states + states };
  };
  const records: RecordStore = {
    description: store.description,
    get: async (partition, id) => {
      const record = await store.get(partition, id);
      add('get', partition, record ? 1 : 0);
      return record;
    },
    range: async (partition, options) => {
      const page = await store.range(partition, options);
      add('range', partition, page.length);
      return page;
    },
    due: async (partition, untilMs, limit) => {
      const ids = await store.due(partition, untilMs, limit);
      add('due', partition, ids.length);
      return ids;
    },
    compareAndSet: async (record, expected) => {
      add('write', record.partition, 0);
      return store.compareAndSet(record, expected);
    },
    remove: async (partition, id, expected) => {
      add('write', partition, 0);
      return store.remove(partition, id, expected);
    },
  };
  return {
    records,
    /** What was counted since the last call. */
    take: (): Counted => {
      const counted = so;
      so = none;
      return counted;
    },
  };
};
