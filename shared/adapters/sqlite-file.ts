import { randomUUID } from 'node:crypto';
import { open, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { OperatorMustFix } from '../core/errors.ts';
import { linkOnce, makeFolder } from './create-file.ts';
import { codeOf } from './file-errors.ts';

/** "SLUC": tells our files from other SQLite files. */
const applicationId = 0x53_4c_55_43;
const schemaVersion = 2;

const schema = `
  CREATE TABLE record (
    partition TEXT NOT NULL,
    id TEXT NOT NULL,
    version INTEGER NOT NULL,
    value TEXT NOT NULL,
    due_at_ms INTEGER,
    expires_at_s INTEGER,
    PRIMARY KEY (partition, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX record_due ON record (partition, due_at_ms) WHERE due_at_ms IS NOT NULL;
  CREATE INDEX record_expires ON record (expires_at_s) WHERE expires_at_s IS NOT NULL;
`;

/** What a file of schema 1 lacks. */
const fromFirstSchema = `
  ALTER TABLE record ADD COLUMN expires_at_s INTEGER;
  CREATE INDEX record_expires ON record (expires_at_s) WHERE expires_at_s IS NOT NULL;
  PRAGMA user_version = 2;
`;

/**
 * The open record file at `path`: created whole when there is none, brought to this schema when it is of an older one, refused when it is
 * something else. An empty file is refused as well: Sluice never makes one, so its content was lost.
 */
export const openSqliteFile = async (path: string, busyTimeoutMs: number): Promise<DatabaseSync> => {
  const size = await sizeOf(path);
  if (size === undefined) {
    await refuseOrphans(path);
    await createSqliteFile(path);
  } else if (size === 0)
    throw new OperatorMustFix(`State file ${path} is empty: its content was lost. ${restoreAdvice}`);
  // `mode=rw`: if the file vanishes now, that is an error, not a reason to begin a new one.
  const database = new DatabaseSync(urlOf(path, 'rw'), { timeout: busyTimeoutMs });
  try {
    database.exec('PRAGMA synchronous = FULL');
    checkFile(database, path);
    upgrade(database);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
};

export const fullDisk = (path: string): string =>
  `State file ${path} cannot grow: the disk is full. Free space on it; nothing was written.`;

export const restoreAdvice =
  'Restore it from a backup, or move it away (with its -wal and -shm) and run `npx sluice rebuild-checkpoint`; it is never replaced by itself.';

/** Refuses a `-wal` file whose state file is missing: SQLite would apply it to the new file and overwrite new pages with old ones. */
const refuseOrphans = async (path: string): Promise<void> => {
  const log = `${path}-wal`;
  if ((await sizeOf(log)) !== undefined && (await sizeOf(path)) === undefined)
    throw new OperatorMustFix(
      `State file ${path} is missing, but ${log} is there and holds what was written last. Restore both from a backup, or move it away too (with the -shm) and run \`npx sluice rebuild-checkpoint\`.`,
    );
};

export const checkFile = (database: DatabaseSync, path: string): void => {
  const id = pragma(database, 'application_id');
  const version = pragma(database, 'user_version');
  if (id !== applicationId)
    throw new OperatorMustFix(
      `State file ${path} is a SQLite database of another program (application id ${id}). Set SLUICE_STATE_URL to another file.`,
    );
  if (version < 1 || version > schemaVersion)
    throw new OperatorMustFix(
      `State file ${path} has schema ${version}, this program knows ${schemaVersion}. Run the program version that wrote it, or a newer one.`,
    );
};

/** Upgrades the schema in one transaction, by one process: the others wait and find it done. */
const upgrade = (database: DatabaseSync): void => {
  if (pragma(database, 'user_version') === schemaVersion) return;
  database.exec('BEGIN IMMEDIATE');
  try {
    if (pragma(database, 'user_version') === 1) database.exec(fromFirstSchema);
    database.exec('COMMIT');
  } catch (error) {
    // A failed statement may have ended the transaction already.
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
};

const pragma = (database: DatabaseSync, name: string): number =>
  Number(Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0]);

/**
 * Creates the file under a temporary name and links it to its own name when it is complete: other processes see the finished file or none,
 * and a crash leaves no half file that would look damaged.
 */
const createSqliteFile = async (path: string): Promise<void> => {
  await makeFolder(dirname(resolve(path)));
  const temporary = `${path}.new-${process.pid}-${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    await file.close();
    const database = new DatabaseSync(urlOf(temporary, 'rw'));
    try {
      // The write-ahead log is switched on last: its content is moved into the file when the file is closed, and closing reports no full
      // disk.
      database.exec(`
        PRAGMA synchronous = FULL;
        BEGIN;
        ${schema}
        PRAGMA application_id = ${applicationId};
        PRAGMA user_version = ${schemaVersion};
        COMMIT;
        PRAGMA journal_mode = WAL;
      `);
    } finally {
      database.close();
    }
    if (await sizeOf(`${temporary}-wal`)) throw new OperatorMustFix(fullDisk(path));
    await linkOnce(temporary, path);
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) await rm(`${temporary}${suffix}`, { force: true });
  }
};

const urlOf = (path: string, mode: 'rw'): URL => {
  const url = pathToFileURL(resolve(path));
  url.searchParams.set('mode', mode);
  return url;
};

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    const info = await stat(path);
    if (info.isDirectory()) throw new OperatorMustFix(`State file ${path} is a folder. ${restoreAdvice}`);
    return info.size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
};
