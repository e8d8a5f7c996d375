import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lookAtFolder } from '../../../shared/adapters/diagnosis/folder.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

describe('a folder', () => {
  it('that is there says whether it may be written, and how much room its disk has', async () => {
    const path = await temporaryFolder();
    expect(await lookAtFolder(path)).toEqual({
      state: 'folder',
      path,
      writable: true,
      freeBytes: expect.toSatisfy((bytes: number) => bytes > 0),
    });
    expect(readdirSync(path)).toEqual([]);
  });

  it('that is absent is judged by the nearest folder above it, and not made', async () => {
    const above = await temporaryFolder();
    expect(await lookAtFolder(join(above, 'a/b/c'))).toMatchObject({ state: 'absent', writable: true });
    expect(readdirSync(above)).toEqual([]);
  });

  it('is none when a file stands in its place, or above it', async () => {
    const file = join(await temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await lookAtFolder(file)).toMatchObject({ state: 'no folder', path: file });
    expect(await lookAtFolder(join(file, 'below'))).toMatchObject({ state: 'no folder', path: file });
  });

  it.skipIf(process.getuid?.() === 0)('of somebody else may not be written (root may write everywhere)', async () => {
    expect(await lookAtFolder('/etc')).toMatchObject({ state: 'folder', writable: false });
  });
});
