import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync, StatementSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type SqliteRecordStore, sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { describeRecordStore } from '../contracts/record-store-contract.ts';
import { runTogether } from '../support/run-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const opened = (path: string, busyTimeoutMs?: number): SqliteRecordStore => {
  const store = sqliteRecordStore({ path, ...(busyTimeoutMs === undefined ? {} : { busyTimeoutMs }) });
  onTestFinished(() => store.close());
  return store;
};

const aPath = async (): Promise<string> => join(await temporaryFolder(), 'state.sqlite');

/** The connection that was opened last, to look at what the store set and to set more. */
const watchConnections = () => {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec');
  return (): DatabaseSync => {
    const last = exec.mock.contexts.at(-1);
    if (!(last instanceof DatabaseSync)) throw new Error('nothing was opened');
    return last;
  };
};

const record = { partition: 'p', id: 'a', value: { n: 1 } };

describeRecordStore('SQLite', async () => {
  const path = join(await temporaryFolder(), 'made', 'when', 'needed', 'state.sqlite');
  return () => opened(path);
});

describe('a SQLite state file', () => {
  it('is made once and counts every write once when 8 processes begin together', async () => {
    const path = await aPath();
    const stored = (await runTogether('count-up.ts', 8, [path, '20'])) as number[][];
    expect(stored.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 160 }, (_, i) => i + 1));
    expect(await opened(path).get('p', 'counter')).toMatchObject({ value: 160, version: 160 });
  });

  it('is made once when 20 find none at the same moment: no writer is left with a file that was replaced', async () => {
    const path = await aPath();
    const stores = Array.from({ length: 20 }, () => opened(path));
    const answers = await Promise.all(stores.map((store) => store.compareAndSet(record, 0)));
    expect(answers.filter((answer) => answer === 'stored')).toHaveLength(1);
    for (const store of stores) expect(await store.get('p', 'a')).toMatchObject({ version: 1 });
  });

  it('is closed to other users and leaves no other file behind', async () => {
    const path = await aPath();
    const store = opened(path);
    await store.compareAndSet(record, 0);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    store.close();
    expect(await readdir(join(path, '..'))).toEqual(['state.sqlite']);
  });

  it('flushes every write: a claim that was sent is never taken back by a power failure', async () => {
    const connection = watchConnections();
    const store = opened(await aPath());
    await store.compareAndSet(record, 0);
    expect(connection().prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    expect(connection().prepare('PRAGMA synchronous').get(), '2 is FULL').toEqual({ synchronous: 2 });
  });

  it('spares the flush of a record that expires, and of no other', async () => {
    const connection = watchConnections();
    const store = opened(await aPath());
    await store.compareAndSet(record, 0);
    const level = () => Number(connection().prepare('PRAGMA synchronous').get()?.['synchronous']);
    const levels: number[] = [];
    const run = vi.spyOn(StatementSync.prototype, 'run').mockImplementation(() => {
      levels.push(level());
      return { changes: 1, lastInsertRowid: 0 };
    });
    onTestFinished(() => run.mockRestore());
    await store.compareAndSet({ ...record, id: 'b', expiresAtMs: Date.now() + 60_000 }, 0);
    await store.compareAndSet({ ...record, id: 'c' }, 0);
    expect(levels, '1 is NORMAL, 2 is FULL').toEqual([1, 2]);
    expect(level()).toBe(2);
  });

  it('removes what has expired a little at a time, and nothing else', async () => {
    const path = await aPath();
    let nowMs = Date.parse('2026-03-01T12:00:00Z');
    const store = sqliteRecordStore({ path, clock: { nowMs: () => nowMs } });
    onTestFinished(() => store.close());
    const log = async (from: number, count: number) => {
      for (let n = from; n < from + count; n += 1)
        await store.compareAndSet({ partition: 'log', id: `${n}`, value: n, expiresAtMs: nowMs + 60_000 }, 0);
    };
    const rows = () => {
      const other = new DatabaseSync(path, { readOnly: true });
      const [count] = Object.values(other.prepare('SELECT count(*) FROM record').get() ?? {});
      other.close();
      return Number(count);
    };
    await store.compareAndSet(record, 0);
    await log(0, 1000);
    expect(rows()).toBe(1001);
    nowMs += 60_000;
    await log(1000, 100);
    expect(rows(), 'the first 500 went with the hundredth').toBe(601);
    await log(1100, 100);
    expect(rows()).toBe(201);
    expect(await store.get('p', 'a')).toMatchObject({ value: record.value });
  });

  const firstSchema = `
    PRAGMA journal_mode = WAL;
    CREATE TABLE record (
      partition TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, value TEXT NOT NULL, due_at_ms INTEGER,
      PRIMARY KEY (partition, id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX record_due ON record (partition, due_at_ms) WHERE due_at_ms IS NOT NULL;
    INSERT INTO record VALUES ('p', 'a', 3, '{"n":1}', 7);
    PRAGMA application_id = 1397511491;
    PRAGMA user_version = 1;
  `;

  it('of the first schema is brought to this one, by whichever of many processes comes first, and keeps what it holds', async () => {
    const path = await aPath();
    const before = new DatabaseSync(path);
    before.exec(firstSchema);
    before.close();
    const stores = Array.from({ length: 8 }, () => opened(path));
    for (const found of await Promise.all(stores.map((store) => store.get('p', 'a'))))
      expect(found).toEqual({ partition: 'p', id: 'a', value: { n: 1 }, version: 3, dueAtMs: 7 });
    const [one, other] = stores;
    await one?.compareAndSet({ ...record, id: 'b', expiresAtMs: Date.now() + 60_000 }, 0);
    expect(await other?.get('p', 'b')).toMatchObject({ version: 1, expiresAtMs: expect.any(Number) });
    expect(await other?.due('p', 7, 10)).toEqual(['a']);
  });

  it('can be used again after it was closed', async () => {
    const store = opened(await aPath());
    await store.compareAndSet(record, 0);
    store.close();
    expect(await store.get('p', 'a')).toMatchObject({ value: { n: 1 }, version: 1 });
  });

  const refused = async (path: string, message: RegExp): Promise<void> => {
    const before = await readFile(path);
    const attempt = opened(path).get('p', 'a');
    await expect(attempt).rejects.toThrow(OperatorMustFix);
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toThrow(path);
    expect(Buffer.compare(await readFile(path), before), 'the file is left as it was').toBe(0);
  };

  it('refuses a file that is no database, and leaves it alone', async () => {
    const path = await aPath();
    await writeFile(path, 'this is a letter to my aunt, and not a database at all\n'.repeat(100));
    await refused(path, /is not a SQLite database.*move it away/);
  });

  it('refuses an empty file: one that lost its content is not a new one', async () => {
    const path = await aPath();
    await writeFile(path, '');
    await refused(path, /is empty: its content was lost/);
  });

  it('refuses the database of another program', async () => {
    const path = await aPath();
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE record (a)');
    other.close();
    await refused(path, /of another program/);
  });

  it('refuses a file that a newer version wrote', async () => {
    const path = await aPath();
    const store = opened(path);
    await store.compareAndSet(record, 0);
    store.close();
    const newer = new DatabaseSync(path);
    newer.exec('PRAGMA user_version = 7');
    newer.close();
    await refused(path, /has schema 7, this program knows 2/);
  });

  it('says that a file is damaged when its pages are', async () => {
    const path = await aPath();
    const store = opened(path);
    for (let i = 0; i < 200; i += 1)
      await store.compareAndSet({ partition: 'p', id: `${i}`, value: 'x'.repeat(1000) }, 0);
    store.close();
    const bytes = await readFile(path);
    bytes.fill(0xa5, 4096);
    await writeFile(path, bytes);
    await refused(path, /is damaged/);
  });

  it('says that a file is damaged when its end is cut off', async () => {
    const path = await aPath();
    const store = opened(path);
    for (let i = 0; i < 200; i += 1)
      await store.compareAndSet({ partition: 'p', id: `${i}`, value: 'x'.repeat(1000) }, 0);
    store.close();
    await truncate(path, 8192);
    const attempt = opened(path).range('p', { limit: 1000 });
    await expect(attempt).rejects.toThrow(/is damaged/);
  });

  it('gives a value that is no JSON any more as undefined, with its version: it can be replaced, not taken for absent', async () => {
    const path = await aPath();
    const store = opened(path);
    await store.compareAndSet(record, 0);
    const editor = new DatabaseSync(path);
    editor.exec('UPDATE record SET value = \'{"n":\'');
    editor.close();
    expect(await store.get('p', 'a')).toEqual({ partition: 'p', id: 'a', version: 1, value: undefined });
    expect(await store.range('p', { limit: 1 })).toMatchObject([{ id: 'a', version: 1, value: undefined }]);
    expect(await store.compareAndSet(record, 0)).toBe('conflict');
    expect(await store.compareAndSet(record, 1)).toBe('stored');
  });

  it('is not made anew beside the log of one that is gone: the old pages would be played into the new file', async () => {
    const path = await aPath();
    await writeFile(`${path}-wal`, 'left behind');
    await expect(opened(path).get('p', 'a')).rejects.toThrow(/is missing, but .*state\.sqlite-wal is there/);
    expect(await readdir(join(path, '..'))).toEqual(['state.sqlite-wal']);
  });

  it('refuses a folder', async () => {
    const path = await aPath();
    await mkdir(path);
    await expect(opened(path).get('p', 'a')).rejects.toThrow(/is a folder.*move it away/);
  });

  it('sees that the operator mended the file, without a restart', async () => {
    const path = await aPath();
    await writeFile(path, 'no database');
    const store = opened(path);
    await expect(store.get('p', 'a')).rejects.toThrow(OperatorMustFix);
    await rm(path);
    expect(await store.get('p', 'a')).toBeUndefined();
  });

  it('gives up for now when another process holds the file, and has written nothing', async () => {
    const path = await aPath();
    const store = opened(path, 1);
    await store.compareAndSet(record, 0);
    const holder = new DatabaseSync(path);
    holder.exec('BEGIN IMMEDIATE');
    await expect(store.compareAndSet({ ...record, value: 2 }, 1)).rejects.toThrow(RetryLater);
    expect(await store.get('p', 'a')).toMatchObject({ version: 1 });
    holder.exec('ROLLBACK');
    holder.close();
    expect(await store.compareAndSet({ ...record, value: 2 }, 1)).toBe('stored');
  });

  it('names the remedy when the disk is full, and keeps what it had', async () => {
    const connection = watchConnections();
    const store = opened(await aPath());
    await store.compareAndSet(record, 0);
    // No page more than it has: to SQLite the same as a full disk.
    connection().exec('PRAGMA max_page_count = 1');
    const attempt = store.compareAndSet({ ...record, id: 'b', value: 'x'.repeat(90_000) }, 0);
    await expect(attempt).rejects.toThrow(OperatorMustFix);
    await expect(attempt).rejects.toThrow(/the disk is full. Free space/);
    expect(await store.get('p', 'a')).toMatchObject({ version: 1 });
    expect(await store.get('p', 'b')).toBeUndefined();
  });
});
