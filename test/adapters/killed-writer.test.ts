import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { sqliteRecordStore } from '../../shared/adapters/sqlite-record-store.ts';
import { killAfter } from '../support/run-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('a writer that is killed without warning', () => {
  it.each([1, 10, 40])('leaves whole blobs and all that it acknowledged, killed after write %i', async (writes) => {
    const folder = await temporaryFolder();
    const [path, root] = [join(folder, 'state.sqlite'), join(folder, 'journal')];
    const acknowledged = (await killAfter('write-until-killed.ts', writes, [path, root])).length;

    const records = sqliteRecordStore({ path });
    onTestFinished(() => records.close());
    expect((await records.get('p', 'a'))?.version).toBeGreaterThanOrEqual(acknowledged);

    const blobs = folderBlobStore({ root });
    const names = await blobs.list('n/', { limit: 1000 });
    expect(names.length).toBeGreaterThanOrEqual(acknowledged);
    for (const name of names) {
      const text = Buffer.from((await blobs.get(name)) ?? []).toString();
      expect(text).toBe(`${name.slice(2)};`.repeat(20_000));
    }
    // The next writer goes on as if nothing had happened.
    const next = (await records.get('p', 'a'))?.version ?? 0;
    expect(await records.compareAndSet({ partition: 'p', id: 'a', value: 'on' }, next)).toBe('stored');
  });
});
