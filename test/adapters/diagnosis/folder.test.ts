import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
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

  it('of somebody else may not be written', async () => {
    const path = await temporaryFolder();
    await chmod(path, 0o555);
    // Root may write everywhere: a process that gives its rights up looks for it.
    const seen = execFileSync(process.execPath, [asNobody, path], { encoding: 'utf8' });
    expect(JSON.parse(seen)).toMatchObject({ state: 'folder', writable: false });
  });
});

const asNobody = fileURLToPath(new URL('../processes/look-as-nobody.ts', import.meta.url));
