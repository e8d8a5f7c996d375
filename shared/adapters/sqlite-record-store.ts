import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import { checkExpected, checkRecordKey, checkRecordLimit, decodeRecord, encodeRecord } from './record-rules.ts';
import { sqliteFailure } from './sqlite-errors.ts';
import { openSqliteFile } from './sqlite-file.ts';

export interface SqliteRecordStore extends RecordStore {
  /** Frees the file; the store opens it again when it is used again. */
  close(): void;
}

/**
 * A RecordStore in one SQLite file, which several processes on one machine may use at once. The file is made at first use, in a folder
 * that is made too; a file that is there but is not a whole record store is refused, never replaced.
 *
 * Each write is one statement, so one transaction, and is durable when the call returns (`synchronous=FULL`, write-ahead log). `NORMAL`
 * saves the flush (3 ms on a virtual disk), and a power failure may then take the last writes back. A checkpoint or cursor that goes
 * back costs work, no event: pull drops what the journal holds. A claim that goes back costs more: its batch may have arrived, and the
 * next run may form a longer one, whose `webhook-id` no receiver can tell from that of new events. So the flush is paid, one per batch.
 *
 * Calls block the thread, for the time of the statement and, while another process writes, up to `busyTimeoutMs`.
 *
 * @throws RetryLater when another process held the file for longer than that
 * @throws OperatorMustFix damaged, not ours, newer than this program, disk full, read-only, no permission: names file and remedy
 * @see https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html#pragma_synchronous
 */
export const sqliteRecordStore = (options: {
  readonly path: string;
  readonly busyTimeoutMs?: number;
}): SqliteRecordStore => {
  const { path, busyTimeoutMs = 5000 } = options;
  let opened: { readonly database: DatabaseSync; readonly sql: Statements } | undefined;

  /** A failed opening is not remembered: the operator may mend the file while we run. */
  const attempt = async <T>(work: (sql: Statements) => T): Promise<T> => {
    try {
      if (!opened) {
        const database = await openSqliteFile(path, busyTimeoutMs);
        // Another call may have opened it while we waited.
        if (opened) database.close();
        opened ??= { database, sql: prepare(database) };
      }
      return work(opened.sql);
    } catch (error) {
      throw sqliteFailure(error, path);
    }
  };

  return {
    description: `SQLite ${path}`,

    get: async (partition, id) => {
      checkRecordKey(partition, id);
      return attempt((sql) => {
        const row = sql.get.get(partition, id);
        return row && recordOf(row);
      });
    },

    compareAndSet: async (record, expected) => {
      checkExpected(expected);
      const { partition, id, dueAtMs = null } = record;
      const json = encodeRecord(record);
      return attempt((sql) => {
        const { changes } =
          expected === 0
            ? sql.insert.run(partition, id, json, dueAtMs)
            : sql.update.run(json, dueAtMs, partition, id, expected);
        return changes === 1 ? 'stored' : 'conflict';
      });
    },

    remove: async (partition, id, expected) => {
      checkRecordKey(partition, id);
      checkExpected(expected);
      return attempt((sql) => (sql.remove.run(partition, id, expected).changes === 1 ? 'removed' : 'conflict'));
    },

    range: async (partition, { from = '', to, limit }) => {
      checkRecordLimit(limit);
      return attempt((sql) =>
        (to ? sql.rangeTo.all(partition, from, to, limit) : sql.range.all(partition, from, limit)).map(recordOf),
      );
    },

    due: async (partition, untilMs, limit) => {
      checkRecordLimit(limit);
      return attempt((sql) => sql.due.all(partition, untilMs, limit).map((row) => String(row['id'])));
    },

    close: () => {
      opened?.database.close();
      opened = undefined;
    },
  };
};

type Statements = ReturnType<typeof prepare>;

const prepare = (database: DatabaseSync) => ({
  get: database.prepare('SELECT * FROM record WHERE partition = ? AND id = ?'),
  insert: database.prepare(
    'INSERT INTO record (partition, id, version, value, due_at_ms) VALUES (?, ?, 1, ?, ?) ON CONFLICT DO NOTHING',
  ),
  update: database.prepare(
    'UPDATE record SET version = version + 1, value = ?, due_at_ms = ? WHERE partition = ? AND id = ? AND version = ?',
  ),
  remove: database.prepare('DELETE FROM record WHERE partition = ? AND id = ? AND version = ?'),
  range: database.prepare('SELECT * FROM record WHERE partition = ? AND id >= ? ORDER BY id LIMIT ?'),
  rangeTo: database.prepare('SELECT * FROM record WHERE partition = ? AND id >= ? AND id < ? ORDER BY id LIMIT ?'),
  due: database.prepare('SELECT id FROM record WHERE partition = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ?'),
});

export const recordOf = (row: Record<string, SQLOutputValue>): StoredRecord => ({
  partition: String(row['partition']),
  id: String(row['id']),
  version: Number(row['version']),
  value: decodeRecord(String(row['value'])),
  ...(row['due_at_ms'] === null ? {} : { dueAtMs: Number(row['due_at_ms']) }),
});
