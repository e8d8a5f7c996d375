import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import { type GroupedWrites, groupedWrites } from './grouped-writes.ts';
import {
  checkExpected,
  checkRecordKey,
  checkRecordLimit,
  decodeRecord,
  encodeRecord,
  expirySecondsOf,
} from './record-rules.ts';
import { sqliteFailure } from './sqlite-errors.ts';
import { openSqliteFile } from './sqlite-file.ts';
import { systemClock } from './system-clock.ts';

export interface SqliteRecordStore extends RecordStore {
  /** Closes the file; the store opens it again at the next use. */
  close(): void;
}

/**
 * A RecordStore in one SQLite file, which several processes on one machine may use at once. The file and its folder are made at first use.
 * An existing file that is not a complete record store is refused, never replaced.
 *
 * Each write is one statement, and is durable when the call returns (`synchronous=FULL`, write-ahead log); those of one turn of the event
 * loop share a transaction and its flush (`grouped-writes.ts`). `NORMAL` saves the flush (3 ms on a virtual disk), and a power failure may
 * then take the last writes back. A checkpoint or cursor that goes back costs work, but no event: pull drops events that the journal holds.
 * A claim that goes back costs more: its batch may have arrived, and the next run may form a longer batch under another `webhook-id`, which
 * the receiver would take for new events. So every write of a claim is flushed, once per batch. A record that expires is written with
 * `NORMAL`: it reaches the disk with the next write that is flushed, and nothing depends on it. Expired records are removed in small
 * portions along with such writes, so that no call has to wait for a large removal.
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
  /** Decides which records have expired. */
  readonly clock?: Pick<Clock, 'nowMs'>;
}): SqliteRecordStore => {
  const { path, busyTimeoutMs = 5000, clock = systemClock } = options;
  let opened: Opened | undefined;
  let expiring = 0;
  const nowSeconds = (): number => Math.floor(clock.nowMs() / 1000);

  /** A failed opening is not remembered: the operator may mend the file while we run. */
  const attempt = async <T>(work: (sql: Statements, opened: Opened) => T | Promise<T>): Promise<T> => {
    try {
      if (!opened) {
        const database = await openSqliteFile(path, busyTimeoutMs);
        // Another call may have opened the file while this one waited.
        if (opened) database.close();
        opened ??= { database, sql: prepare(database), writes: groupedWrites(database) };
      }
      return await work(opened.sql, opened);
    } catch (error) {
      throw sqliteFailure(error, path);
    }
  };

  return {
    description: `SQLite ${path}`,

    get: async (partition, id) => {
      checkRecordKey(partition, id);
      return attempt((sql) => {
        const row = sql.get.get(partition, id, nowSeconds());
        return row && recordOf(row);
      });
    },

    compareAndSet: async (record, expected) => {
      checkExpected(expected);
      const { partition, id, dueAtMs = null } = record;
      const json = encodeRecord(record);
      const expires = expirySecondsOf(record);
      return attempt((sql, { writes }) => {
        const now = nowSeconds();
        const write = (): 'stored' | 'conflict' => {
          const { changes } =
            expected === 0
              ? sql.insert.run(partition, id, json, dueAtMs, expires ?? null, now)
              : sql.update.run(json, dueAtMs, expires ?? null, partition, id, expected, now);
          return changes === 1 ? 'stored' : 'conflict';
        };
        if (expires === undefined) return writes.add(write, 'flushed');
        expiring += 1;
        const isClearing = expiring % clearEvery === 0;
        return writes.add(() => {
          if (isClearing) sql.clear.run(now, mostCleared);
          return write();
        }, 'unflushed');
      });
    },

    remove: async (partition, id, expected) => {
      checkRecordKey(partition, id);
      checkExpected(expected);
      return attempt((sql) =>
        sql.remove.run(partition, id, expected, nowSeconds()).changes === 1 ? 'removed' : 'conflict',
      );
    },

    range: async (partition, { from = '', to, limit }) => {
      checkRecordLimit(limit);
      return attempt((sql) =>
        (to
          ? sql.rangeTo.all(partition, from, to, nowSeconds(), limit)
          : sql.range.all(partition, from, nowSeconds(), limit)
        ).map(recordOf),
      );
    },

    due: async (partition, untilMs, limit) => {
      checkRecordLimit(limit);
      return attempt((sql) => sql.due.all(partition, untilMs, limit).map((row) => String(row['id'])));
    },

    close: () => {
      opened?.writes.flush();
      opened?.database.close();
      opened = undefined;
    },
  };
};

/** One in `clearEvery` writes of expiring records removes up to `mostCleared` expired ones, so they are removed faster than they are added. */
const clearEvery = 100;
const mostCleared = 500;

interface Opened {
  readonly database: DatabaseSync;
  readonly sql: Statements;
  readonly writes: GroupedWrites;
}

type Statements = ReturnType<typeof prepare>;

const lasts = '(expires_at_s IS NULL OR expires_at_s > ?)';

const prepare = (database: DatabaseSync) => ({
  get: database.prepare(`SELECT * FROM record WHERE partition = ? AND id = ? AND ${lasts}`),
  insert: database.prepare(
    `INSERT INTO record (partition, id, version, value, due_at_ms, expires_at_s) VALUES (?, ?, 1, ?, ?, ?)
     ON CONFLICT DO UPDATE SET version = 1, value = excluded.value, due_at_ms = excluded.due_at_ms,
     expires_at_s = excluded.expires_at_s WHERE record.expires_at_s <= ?`,
  ),
  update: database.prepare(
    `UPDATE record SET version = version + 1, value = ?, due_at_ms = ?, expires_at_s = ?
     WHERE partition = ? AND id = ? AND version = ? AND ${lasts}`,
  ),
  remove: database.prepare(`DELETE FROM record WHERE partition = ? AND id = ? AND version = ? AND ${lasts}`),
  range: database.prepare(`SELECT * FROM record WHERE partition = ? AND id >= ? AND ${lasts} ORDER BY id LIMIT ?`),
  rangeTo: database.prepare(
    `SELECT * FROM record WHERE partition = ? AND id >= ? AND id < ? AND ${lasts} ORDER BY id LIMIT ?`,
  ),
  due: database.prepare('SELECT id FROM record WHERE partition = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ?'),
  clear: database.prepare(
    `DELETE FROM record WHERE (partition, id) IN
     (SELECT partition, id FROM record WHERE expires_at_s <= ? ORDER BY expires_at_s LIMIT ?)`,
  ),
});

export const recordOf = (row: Record<string, SQLOutputValue>): StoredRecord => ({
  partition: String(row['partition']),
  id: String(row['id']),
  version: Number(row['version']),
  value: decodeRecord(String(row['value'])),
  ...(row['due_at_ms'] === null ? {} : { dueAtMs: Number(row['due_at_ms']) }),
  // The column is missing in a file of schema 1, which a diagnosis does not upgrade.
  ...(typeof row['expires_at_s'] === 'number' && { expiresAtMs: row['expires_at_s'] * 1000 }),
});
