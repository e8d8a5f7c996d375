import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { sluice } from '../../support/sluice-process.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { describeReal } from '../support/server-url.ts';

const run = promisify(execFile);
const howTo = 'MOUNT_TMPFS=1 npx vitest run --config vitest.real.config.ts test/real/disk, as root';

describeReal('a full disk', 'MOUNT_TMPFS', howTo, () => {
  const samples = join(import.meta.dirname, '../../../samples');

  /** A file system of its own, too small at one moment or another of a pull, and grown later. */
  const smallDisk = async (size: string): Promise<{ readonly path: string; readonly grow: () => Promise<unknown> }> => {
    const path = join(await temporaryFolder(), 'disk');
    await mkdir(path);
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
    onTestFinished(async () => void (await run('umount', ['-l', path])));
    return { path, grow: () => run('mount', ['-o', 'remount,size=64m', path]) };
  };

  it.each(['8k', '24k', '32k', '40k', '48k', '56k', '64k'])(
    'of %s stops the pull with the place and the remedy; once there is room everything comes, once',
    async (size) => {
      const disk = await smallDisk(size);
      const env = {
        SLUICE_DATA: disk.path,
        SLUICE_SOURCE_URL: `file:${join(samples, 'samples.ndjson')}`,
        SLUICE_TENANT: 'acme',
      };
      const full = await sluice(['pull'], { cwd: disk.path, env });
      expect(full, full.stdout).toMatchObject({ code: 1 });
      expect(full.stderr).toContain(disk.path);
      expect(full.stderr).toMatch(/full|space/i);

      await disk.grow();
      const mended = await sluice(['pull', '--json'], { cwd: disk.path, env });
      expect(mended, mended.stderr).toMatchObject({ code: 0 });
      expect(JSON.parse(mended.stdout)).toMatchObject({ result: 'done' });
      const status = await sluice(['status', '--json'], { cwd: disk.path, env });
      expect(JSON.parse(status.stdout).source.events).toBe(150);
    },
  );
});
