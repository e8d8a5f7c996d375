import { mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createFile, makeFolder } from '../../shared/adapters/create-file.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

describe('the folders of a file', () => {
  it('are made with all their parents, for their owner alone, by any number at once', async () => {
    const folder = await temporaryFolder();
    await Promise.all(Array.from({ length: 20 }, () => makeFolder(join(folder, 'a/b/c'))));
    for (const path of ['a', 'a/b', 'a/b/c']) expect((await stat(join(folder, path))).mode & 0o777).toBe(0o700);
  });

  it.skipIf(process.platform !== 'linux')(
    'are refused where the file system takes none, instead of tried for ever',
    async () => {
      const path = '/proc/sluice/a/secrets.json';
      const made = createFile(path, Buffer.from('x'), '/proc/sluice/a');
      await expect(made).rejects.toThrow(OperatorMustFix);
      await expect(made).rejects.toThrow('Folder /proc/sluice cannot be made (ENOENT)');
    },
  );

  it('are not made in the place of a file', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'a'));
    await createFile(join(folder, 'a/b'), Buffer.from('x'), join(folder, 'temporary'));
    await expect(makeFolder(join(folder, 'a/b'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'a/b/c'))).rejects.toMatchObject({ code: 'ENOTDIR' });
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
  });
});
