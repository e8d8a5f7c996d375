import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, vi } from 'vitest';
import { groupedWrites } from '../../shared/adapters/grouped-writes.ts';

const opened = () => {
  const database = new DatabaseSync(':memory:');
  database.exec('CREATE TABLE t (n INTEGER PRIMARY KEY)');
  const exec = vi.spyOn(database, 'exec');
  const insert = database.prepare('INSERT INTO t VALUES (?)');
  return {
    writes: groupedWrites(database),
    insert: (n: number) => () => Number(insert.run(n).changes),
    held: () =>
      database
        .prepare('SELECT n FROM t ORDER BY n')
        .all()
        .map(({ n }) => n),
    executed: () => exec.mock.calls.map(([sql]) => sql),
  };
};

describe('writes of one turn of the event loop', () => {
  it('are one transaction, and each is told what it came to', async () => {
    const { writes, insert, held, executed } = opened();
    expect(await Promise.all([1, 2, 3].map((n) => writes.add(insert(n), 'flushed')))).toEqual([1, 1, 1]);
    expect(held()).toEqual([1, 2, 3]);
    expect(executed()).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
  });

  it('need no transaction around one alone', async () => {
    const { writes, insert, executed } = opened();
    await writes.add(insert(1), 'flushed');
    await writes.add(insert(2), 'flushed');
    expect(executed()).toEqual([]);
  });

  it('are flushed when one of them is to be', async () => {
    const { writes, insert, executed } = opened();
    await Promise.all([writes.add(insert(1), 'unflushed'), writes.add(insert(2), 'flushed')]);
    expect(executed()).toEqual(['BEGIN IMMEDIATE', 'COMMIT']);
    await writes.add(insert(3), 'unflushed');
    expect(executed().slice(2)).toEqual(['PRAGMA synchronous = NORMAL', 'PRAGMA synchronous = FULL']);
  });

  it('are all there or none: who fails fails for all, and the next are written as ever', async () => {
    const { writes, insert, held } = opened();
    const group = [1, 2, 1].map((n) => writes.add(insert(n), 'flushed'));
    const results = await Promise.allSettled(group);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(held()).toEqual([]);
    await writes.add(insert(4), 'flushed');
    expect(held()).toEqual([4]);
  });

  it('are written at once when the file is to be closed', async () => {
    const { writes, insert, held } = opened();
    const waiting = writes.add(insert(1), 'flushed');
    writes.flush();
    expect(held()).toEqual([1]);
    expect(await waiting).toBe(1);
  });
});
