import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderBlobStore } from '../../shared/adapters/folder-blob-store.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { describeBlobStore } from '../contracts/blob-store-contract.ts';
import { runTogether } from '../support/run-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describeBlobStore('folder', async () => {
  const root = join(await temporaryFolder(), 'made', 'when', 'needed');
  return () => folderBlobStore({ root });
});

describe('a folder of blobs', () => {
  it('lets exactly one of 8 processes create each blob, and shows every reader a whole one', async () => {
    const root = await temporaryFolder();
    const created = (await runTogether('put-blobs.ts', 8, [root, '40'])) as string[][];
    const all = Array.from({ length: 40 }, (_, i) => `n/${i}`);
    expect(created.flat().sort()).toEqual(all.sort());
    expect(await readdir(join(root, '~unfinished'))).toEqual([]);
  });

  it('keeps files and folders to its owner', async () => {
    const root = join(await temporaryFolder(), 'journal');
    await folderBlobStore({ root }).putIfAbsent('a/b', Buffer.from('x'));
    const modes = await Promise.all(['', 'a', 'a/b'].map(async (path) => (await stat(join(root, path))).mode & 0o777));
    expect(modes).toEqual([0o700, 0o700, 0o600]);
  });

  it('lists only what it could have written itself', async () => {
    const root = await temporaryFolder();
    const store = folderBlobStore({ root });
    await store.putIfAbsent('a', Buffer.from('x'));
    await writeFile(join(root, 'notes of an operator.txt'), 'x');
    await mkdir(join(root, '~unfinished'), { recursive: true });
    await writeFile(join(root, '~unfinished', '1-2'), 'x');
    expect(await store.list('', { limit: 10 })).toEqual(['a']);
  });

  it('removes what a crash left behind once it is an hour old, and nothing younger', async () => {
    const root = await temporaryFolder();
    const unfinished = join(root, '~unfinished');
    await mkdir(unfinished);
    for (const file of ['old', 'young']) await writeFile(join(unfinished, file), 'x');
    const twoHoursAgo = new Date(Date.now() - 2 * 60 * 60 * 1000);
    await utimes(join(unfinished, 'old'), twoHoursAgo, twoHoursAgo);
    await folderBlobStore({ root }).putIfAbsent('a', Buffer.from('x'));
    expect(await readdir(unfinished)).toEqual(['young']);
  });

  it('names the folder and the remedy when a file stands in its place', async () => {
    const file = join(await temporaryFolder(), 'journal');
    await writeFile(file, 'x');
    const put = folderBlobStore({ root: file }).putIfAbsent('a', Buffer.from('x'));
    await expect(put).rejects.toThrow(OperatorMustFix);
    await expect(put).rejects.toThrow(`Folder ${file} cannot be used`);
  });

  it('refuses a blob below a blob, and leaves nothing behind', async () => {
    const root = await temporaryFolder();
    const store = folderBlobStore({ root });
    await store.putIfAbsent('a', Buffer.from('x'));
    await expect(store.putIfAbsent('a/b', Buffer.from('x'))).rejects.toThrow(/a file stands where a folder belongs/);
    expect(await readdir(join(root, '~unfinished'))).toEqual([]);
  });
});
