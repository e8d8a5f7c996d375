import { appendFileSync, copyFileSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it, onTestFinished } from 'vitest';
import { sqliteStateDiagnosis } from '../../../shared/adapters/diagnosis/sqlite-state.ts';
import { sqliteRecordStore } from '../../../shared/adapters/sqlite-record-store.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

/** A state file with 200 records, closed again. */
const aStateFile = async (): Promise<string> => {
  const path = join(await temporaryFolder(), 'state.sqlite');
  const store = sqliteRecordStore({ path });
  for (let n = 0; n < 200; n += 1)
    await store.compareAndSet({ partition: 'p', id: `r${n}`, value: { n, fill: 'x'.repeat(500) } }, 0);
  store.close();
  return path;
};

/** Names, sizes and bytes of everything beside the file. */
const everythingBeside = (path: string): readonly string[] =>
  readdirSync(join(path, '..')).map((name) => {
    const file = join(path, '..', name);
    return `${name} ${statSync(file).mtimeMs} ${readFileSync(file).toString('base64').length}`;
  });

describe('a state file', () => {
  it('is looked at without leaving a trace, not even the files of a reader', async () => {
    const path = await aStateFile();
    const before = everythingBeside(path);
    const state = sqliteStateDiagnosis(path);
    expect(await state.look()).toMatchObject({ kind: 'there', writable: true, bytes: statSync(path).size });
    expect(await state.records.get('p', 'r7')).toMatchObject({ id: 'r7', version: 1, value: { n: 7 } });
    const range = await state.records.range('p', { from: 'r198', to: 'r2', limit: 10 });
    expect(range.map(({ id }) => id)).toEqual(['r198', 'r199']);
    expect(everythingBeside(path)).toEqual(before);
  });

  it('shows what is in the log of a process that has it open', async () => {
    const path = await aStateFile();
    const writer = sqliteRecordStore({ path });
    onTestFinished(() => writer.close());
    await writer.compareAndSet({ partition: 'p', id: 'new', value: 1 }, 0);
    expect(await sqliteStateDiagnosis(path).records.get('p', 'new')).toMatchObject({ value: 1 });
    expect(await sqliteStateDiagnosis(path).look()).toMatchObject({ kind: 'there' });
  });

  it('that is missing is not made', async () => {
    const path = join(await temporaryFolder(), 'deep', 'state.sqlite');
    expect(await sqliteStateDiagnosis(path).look()).toMatchObject({
      kind: 'absent',
      folder: { state: 'absent', writable: true },
    });
    expect(readdirSync(join(path, '../..'))).toEqual([]);
  });

  it.each([
    ['is no database', (path: string) => writeFileSync(path, 'no database'.repeat(500)), 'is not a SQLite database'],
    ['is empty', (path: string) => writeFileSync(path, ''), 'is empty: its content was lost'],
    ['is cut off', (path: string) => writeFileSync(path, readFileSync(path).subarray(0, 40_960)), 'is damaged'],
    [
      'has zeros in the middle',
      (path: string) => writeFileSync(path, readFileSync(path).fill(0, 20_480, 28_672)),
      'is damaged',
    ],
    [
      'belongs to another program',
      (path: string) => {
        const other = new DatabaseSync(path);
        other.exec('PRAGMA application_id = 7');
        other.close();
      },
      'is a SQLite database of another program',
    ],
  ])('that %s is named, with what to do', async (_, spoil, words) => {
    const path = await aStateFile();
    spoil(path);
    await expect(sqliteStateDiagnosis(path).look()).rejects.toThrow(`State file ${path} ${words}`);
  });

  it('that only gained bytes behind its end is still whole', async () => {
    const path = await aStateFile();
    copyFileSync(path, `${path}.copy`);
    appendFileSync(path, Buffer.alloc(4096));
    expect(await sqliteStateDiagnosis(path).look()).toMatchObject({ kind: 'there' });
  });

  it('cannot be written through a diagnosis', async () => {
    const { records } = sqliteStateDiagnosis(await aStateFile());
    await expect(records.compareAndSet({ partition: 'p', id: 'x', value: 1 }, 0)).rejects.toThrow('writes nothing');
    await expect(records.remove('p', 'r1', 1)).rejects.toThrow('writes nothing');
  });
});
