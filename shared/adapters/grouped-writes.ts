import type { DatabaseSync } from 'node:sqlite';

/** `unflushed`: it reaches the disk with the next write that is flushed. */
export type Durability = 'flushed' | 'unflushed';

export interface GroupedWrites {
  /** Resolves when the write is done and, with `flushed`, durable. */
  add<T>(write: () => T, durability: Durability): Promise<T>;
  /** Does the waiting writes at once. */
  flush(): void;
}

interface Waiting {
  readonly write: () => unknown;
  readonly durability: Durability;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Writes that are asked for within one turn of the event loop become one transaction, and share its flush of the disk: ten subscriptions
 * whose answers came together wait once, not ten times. A write without company is a transaction of its own. If one write fails, all of its
 * group fail, and none of them is written.
 */
export const groupedWrites = (database: DatabaseSync): GroupedWrites => {
  let waiting: Waiting[] = [];

  const flush = (): void => {
    const group = waiting;
    waiting = [];
    // The waiting writes were done by `flush` when the file was closed.
    if (group.length === 0) return;
    try {
      const write = (): readonly unknown[] =>
        group.length > 1 ? inOne(database, group) : group.map((each) => each.write());
      const isFlushed = group.some(({ durability }) => durability === 'flushed');
      const results = isFlushed ? write() : unflushed(database, write);
      for (const [at, { resolve }] of group.entries()) resolve(results[at]);
    } catch (error) {
      for (const { reject } of group) reject(error);
    }
  };

  return {
    add: <T>(write: () => T, durability: Durability): Promise<T> =>
      new Promise<T>((resolve, reject) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ write, durability, resolve: resolve as Waiting['resolve'], reject });
      }),
    flush,
  };
};

const inOne = (database: DatabaseSync, group: readonly Waiting[]): readonly unknown[] => {
  database.exec('BEGIN IMMEDIATE');
  try {
    const results = group.map(({ write }) => write());
    database.exec('COMMIT');
    return results;
  } catch (error) {
    // A failed statement may have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

const unflushed = <T>(database: DatabaseSync, write: () => T): T => {
  database.exec('PRAGMA synchronous = NORMAL');
  try {
    return write();
  } finally {
    database.exec('PRAGMA synchronous = FULL');
  }
};
