import { execFileSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fileSecrets, makeRootKey } from '../../shared/adapters/file-secrets.ts';
import { messageOf, OperatorMustFix } from '../../shared/core/errors.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const aPath = async (): Promise<string> => join(await temporaryFolder(), 'data', 'secrets.json');

const isNew = async (): Promise<boolean> => false;

describe('a secrets file', () => {
  it('is made at first use with a root key of 32 random bytes that only its owner can read', async () => {
    const path = await aPath();
    await makeRootKey(path, isNew);
    const rootKey = await fileSecrets({ path, create: true }).get('rootKey');
    expect(Buffer.from(rootKey?.current ?? '', 'base64')).toHaveLength(32);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await makeRootKey(path, isNew);
    expect(await fileSecrets({ path, create: true }).get('rootKey')).toEqual(rootKey);
    expect(await readdir(join(path, '..'))).toEqual(['secrets.json']);
  });

  it('gives one root key to all who start together', async () => {
    const path = await aPath();
    const keys = await Promise.all(
      Array.from({ length: 50 }, async () => {
        await makeRootKey(path, isNew);
        return fileSecrets({ path, create: true }).get('rootKey');
      }),
    );
    expect(new Set(keys.map((key) => key?.current)).size).toBe(1);
  });

  it('is never changed when it is there, even without a root key', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'secrets.json');
    await writeFile(path, '{ "elasticsearch": { "apiKey": "k" } }', { mode: 0o600 });
    const before = await readFile(path, 'utf8');
    await makeRootKey(path, isNew);
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

  it('that is missing beside what was made with it is not made anew: it was lost, and how to go on is said', async () => {
    const path = await aPath();
    await makeRootKey(path, async () => true);
    const get = fileSecrets({ path, create: true }).get('rootKey');
    await expect(get).rejects.toThrow(OperatorMustFix);
    await expect(get).rejects.toThrow(`Secrets file ${path} is missing, but the state or the journal is there`);
    const [, command = ''] = /on purpose: (.+), then hand/.exec(String(await get.catch(messageOf))) ?? [];
    await mkdir(join(path, '..'));
    execFileSync('sh', ['-c', command]);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const made = await fileSecrets({ path, create: true }).get('rootKey');
    expect(Buffer.from(made?.current ?? '', 'base64')).toHaveLength(32);
  });

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
    await makeRootKey(path, isNew);
    const secrets = fileSecrets({ path, create: true });
    await secrets.get('rootKey');
    await writeFile(path, JSON.stringify({ rootKey: 'n'.repeat(44) }));
    expect(await secrets.get('rootKey')).toEqual({ current: 'n'.repeat(44) });
  });
});
