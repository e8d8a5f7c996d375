import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSecrets } from '../../shared/adapters/file-secrets.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const aPath = async (): Promise<string> => join(await temporaryFolder(), 'data', 'secrets.json');

describe('a secrets file', () => {
  it('is made at first use with a root key of 32 random bytes that only its owner can read', async () => {
    const path = await aPath();
    const rootKey = await fileSecrets({ path, create: true }).get('rootKey');
    expect(Buffer.from(rootKey?.current ?? '', 'base64')).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await fileSecrets({ path, create: true }).get('rootKey')).toEqual(rootKey);
    expect(await readdir(join(path, '..'))).toEqual(['secrets.json']);
  });

  it('gives one root key to all who start together', async () => {
    const path = await aPath();
    const keys = await Promise.all(
      Array.from({ length: 50 }, () => fileSecrets({ path, create: true }).get('rootKey')),
    );
    expect(new Set(keys.map((key) => key?.current)).size).toBe(1);
  });

  it('is never changed when it is there, even without a root key', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'secrets.json');
    await writeFile(path, '{ "elasticsearch": { "apiKey": "k" } }', { mode: 0o600 });
    const before = await readFile(path, 'utf8');
    expect(await fileSecrets({ path, create: true }).get('rootKey')).toBeUndefined();
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it.each([0o640, 0o604, 0o660])(
    'is refused when others can read it (mode %o), with the command that helps',
    async (mode) => {
      const path = join(await temporaryFolder(), 'secrets.json');
      await writeFile(path, '{}');
      await chmod(path, mode);
      const get = fileSecrets({ path, create: true }).get('rootKey');
      await expect(get).rejects.toThrow(OperatorMustFix);
      await expect(get).rejects.toThrow(`Run: chmod 600 ${path}`);
    },
  );

  it('that is missing and must not be made is for the operator', async () => {
    const path = await aPath();
    const get = fileSecrets({ path, create: false }).get('rootKey');
    await expect(get).rejects.toThrow(`Secrets file ${path} does not exist`);
  });

  it.each(['', 'rootKey=SECRET', '["SECRET"]', '{"rootKey": "SECRET'])(
    'that holds %j is for the operator, and its text is not repeated',
    async (text) => {
      const path = join(await temporaryFolder(), 'secrets.json');
      await writeFile(path, text, { mode: 0o600 });
      const error: unknown = await fileSecrets({ path, create: true })
        .get('rootKey')
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(OperatorMustFix);
      expect(String(error)).toContain(`Secrets file ${path} must hold a JSON object`);
      expect(String(error)).not.toContain('SECRET');
    },
  );

  it('is read again at every call: a change counts at once', async () => {
    const path = await aPath();
    const secrets = fileSecrets({ path, create: true });
    await secrets.get('rootKey');
    await writeFile(path, JSON.stringify({ rootKey: 'n'.repeat(44) }));
    expect(await secrets.get('rootKey')).toEqual({ current: 'n'.repeat(44) });
  });
});
