import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { OperatorMustFix } from '../../core/errors.ts';
import type { StateDiagnosis, StateFacts } from '../../ports/diagnosis.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import { codeOf, fileFailure } from '../file-errors.ts';
import { sqliteFailure } from '../sqlite-errors.ts';
import { checkFile, restoreAdvice } from '../sqlite-file.ts';
import { recordOf } from '../sqlite-record-store.ts';
import { lookAtFolder, mayWrite } from './folder.ts';

/** Above this the whole file is not searched for damage: it would take longer than anybody waits for a doctor. */
const mostSearchedBytes = 512 * 1024 * 1024;

/** The state file, opened read-only and searched for damage; a missing file is not created. */
export const sqliteStateDiagnosis = (path: string): StateDiagnosis => ({
  description: `SQLite ${path}`,

  look: async (): Promise<StateFacts> => {
    const folder = await lookAtFolder(dirname(resolve(path)));
    const bytes = await sizeOf(path);
    if (bytes === undefined) return { kind: 'absent', folder };
    if (bytes === 0) throw new OperatorMustFix(`State file ${path} is empty: its content was lost. ${restoreAdvice}`);
    await reading(path, (database) => {
      checkFile(database, path);
      const damage = bytes > mostSearchedBytes ? [] : damageIn(database);
      if (damage.length > 0)
        throw new OperatorMustFix(`State file ${path} is damaged (${damage[0]}). ${restoreAdvice}`);
    });
    return { kind: 'there', bytes, writable: await mayWrite(path), folder };
  },

  records: readOnlyRecords(path),
});

const readOnlyRecords = (path: string): RecordStore => ({
  description: `SQLite ${path}`,
  get: (partition, id) =>
    reading(path, (database): StoredRecord | undefined => {
      const row = database.prepare('SELECT * FROM record WHERE partition = ? AND id = ?').get(partition, id);
      return row && recordOf(row);
    }),
  range: (partition, { from = '', to, limit }) =>
    reading(path, (database) =>
      database
        .prepare('SELECT * FROM record WHERE partition = ? AND id >= ? AND (? IS NULL OR id < ?) ORDER BY id LIMIT ?')
        .all(partition, from, to ?? null, to ?? null, limit)
        .map(recordOf),
    ),
  due: (partition, untilMs, limit) =>
    reading(path, (database) =>
      database
        .prepare('SELECT id FROM record WHERE partition = ? AND due_at_ms <= ? ORDER BY due_at_ms LIMIT ?')
        .all(partition, untilMs, limit)
        .map(({ id }) => String(id)),
    ),
  compareAndSet: () => Promise.reject(new Error('a diagnosis writes nothing')),
  remove: () => Promise.reject(new Error('a diagnosis writes nothing')),
});

/** Opens the file anew for each question, so that nothing is held open in between. */
const reading = async <Result>(path: string, work: (database: DatabaseSync) => Result): Promise<Result> => {
  try {
    const database = new DatabaseSync(await readOnlyUrl(path), { readOnly: true, timeout: 1000 });
    try {
      return work(database);
    } finally {
      database.close();
    }
  } catch (error) {
    throw sqliteFailure(error, path);
  }
};

/**
 * If no `-wal` file lies beside the state file, it is complete and no process has it open. Then it is read as immutable, because a reader
 * of a write-ahead database otherwise leaves `-wal` and `-shm` behind.
 */
const readOnlyUrl = async (path: string): Promise<URL> => {
  const url = pathToFileURL(resolve(path));
  if ((await sizeOf(`${path}-wal`)) === undefined) url.searchParams.set('immutable', '1');
  else url.searchParams.set('mode', 'ro');
  return url;
};

const damageIn = (database: DatabaseSync): readonly string[] =>
  database
    .prepare('PRAGMA quick_check(1)')
    .all()
    .map((row) => String(Object.values(row)[0]).slice(0, 200))
    .filter((line) => line !== 'ok');

const sizeOf = async (path: string): Promise<number | undefined> => {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw fileFailure(error, `State file ${path}`);
  }
};
