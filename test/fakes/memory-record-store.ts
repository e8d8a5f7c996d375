import {
  checkExpected,
  checkRecordKey,
  checkRecordLimit,
  compareIds,
  encodeRecord,
  expirySecondsOf,
} from '../../shared/adapters/record-rules.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { RecordStore, StoredRecord } from '../../shared/ports/record-store.ts';
import { type Faults, faultKnobs } from './faults.ts';

type Operation = 'get' | 'compareAndSet' | 'remove' | 'range' | 'due';

export interface MemoryRecordStore extends RecordStore, Faults<Operation> {
  /** Somebody else writes the record of the next `compareAndSet` first, with this value: the call is told `conflict`. */
  raceNext(value: unknown): void;
  /** Takes a record away, whatever its version: the state file was lost or restored. */
  lose(partition: string, id: string): void;
  /** Every record, by partition and id. */
  records(): readonly StoredRecord[];
}

interface Row {
  readonly partition: string;
  readonly id: string;
  readonly json: string;
  readonly version: number;
  readonly dueAtMs: number | undefined;
  readonly expiresAt: number | undefined;
}

/**
 * A RecordStore in memory, with knobs to lose answers and races. Values are kept as JSON, so nothing is shared by reference.
 * @param options.clock tells what has expired; without it nothing does
 */
export const memoryRecordStore = (options: { readonly clock?: Pick<Clock, 'nowMs'> } = {}): MemoryRecordStore => {
  const rows = new Map<string, Row>();
  const { knobs, call } = faultKnobs<Operation>();
  const rivals: unknown[] = [];
  const keyOf = (partition: string, id: string) => `${partition}\0${id}`;
  const lasts = ({ expiresAt }: Row) =>
    expiresAt === undefined || !options.clock || expiresAt * 1000 > options.clock.nowMs();
  const rowOf = (partition: string, id: string) => {
    const row = rows.get(keyOf(partition, id));
    return row && lasts(row) ? row : undefined;
  };
  const versionOf = (partition: string, id: string) => rowOf(partition, id)?.version ?? 0;
  const inOrder = (partition: string) =>
    [...rows.values()]
      .filter((row) => row.partition === partition && lasts(row))
      .sort((a, b) => compareIds(a.id, b.id));

  return {
    ...knobs,
    description: 'memory',
    raceNext: (value) => void rivals.push(value),
    lose: (partition, id) => void rows.delete(keyOf(partition, id)),
    records: () =>
      [...new Set([...rows.values()].map((row) => row.partition))]
        .sort(compareIds)
        .flatMap((partition) => inOrder(partition).map(recordOf)),

    get: async (partition, id) => {
      checkRecordKey(partition, id);
      return call('get', `${partition}/${id}`, () => {
        const row = rowOf(partition, id);
        return row && recordOf(row);
      });
    },

    compareAndSet: async (record, expected) => {
      checkExpected(expected);
      const { partition, id, dueAtMs } = record;
      const json = encodeRecord(record);
      return call('compareAndSet', `${partition}/${id}`, () => {
        const write = (text: string, due: number | undefined, expiresAt: number | undefined) =>
          rows.set(keyOf(partition, id), {
            partition,
            id,
            json: text,
            version: versionOf(partition, id) + 1,
            dueAtMs: due,
            expiresAt,
          });
        if (rivals.length > 0) write(JSON.stringify(rivals.shift()), undefined, undefined);
        if (versionOf(partition, id) !== expected) return 'conflict';
        write(json, dueAtMs, expirySecondsOf(record));
        return 'stored';
      });
    },

    remove: async (partition, id, expected) => {
      checkRecordKey(partition, id);
      checkExpected(expected);
      return call('remove', `${partition}/${id}`, () => {
        if (expected === 0 || versionOf(partition, id) !== expected) return 'conflict';
        rows.delete(keyOf(partition, id));
        return 'removed';
      });
    },

    range: async (partition, { from, to, limit }) => {
      checkRecordLimit(limit);
      return call('range', partition, () =>
        inOrder(partition)
          .filter((row) => (!from || compareIds(row.id, from) >= 0) && (!to || compareIds(row.id, to) < 0))
          .slice(0, limit)
          .map(recordOf),
      );
    },

    due: async (partition, untilMs, limit) => {
      checkRecordLimit(limit);
      return call('due', partition, () =>
        inOrder(partition)
          .flatMap((row) =>
            row.dueAtMs === undefined || row.dueAtMs > untilMs ? [] : [{ id: row.id, dueAtMs: row.dueAtMs }],
          )
          .sort((a, b) => a.dueAtMs - b.dueAtMs)
          .slice(0, limit)
          .map((row) => row.id),
      );
    },
  };
};

const recordOf = ({ partition, id, json, version, dueAtMs, expiresAt }: Row): StoredRecord => ({
  partition,
  id,
  value: JSON.parse(json),
  version,
  ...(dueAtMs === undefined ? {} : { dueAtMs }),
  ...(expiresAt === undefined ? {} : { expiresAtMs: expiresAt * 1000 }),
});
