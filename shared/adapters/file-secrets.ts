import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { OperatorMustFix } from '../core/errors.ts';
import type { Secrets } from '../ports/secrets.ts';
import { createFile } from './create-file.ts';
import { codeOf, fileFailure } from './file-errors.ts';
import { secretValue } from './secret-value.ts';
import { parsedObject, readSecretsObject, type SecretsDocument } from './secrets-document.ts';

/**
 * Secrets of a JSON file: `{ "rootKey": "…", "elasticsearch": {…}, "previous"?: { "rootKey": "…" } }`, `previous` while a rotation
 * lasts. The file is read at every `get`: a change is seen at once.
 *
 * @param options.create `makeRootKey` makes the file in a new folder: one that is missing here was lost
 * @throws OperatorMustFix the file is missing, readable by others, or not of this form; names the path and the command to run
 */
export const fileSecrets = (options: { readonly path: string; readonly create: boolean }): Secrets => {
  const { path } = options;
  const where = `Secrets file ${path}`;

  const text = async (): Promise<string> => {
    const found = await readPrivate(path, where);
    if (found !== undefined) return found;
    throw new OperatorMustFix(
      options.create
        ? `${where} is missing, but the state or the journal is there: a new root key would change the signing secret of every webhook, close the sealed credentials and cursors, and sign heads that nobody can check. Restore the file from a backup. If it is lost for good, make a new key on purpose: ${keyByHand(path)}, then hand each receiver its new secret: npx sluice subscriptions secret <id>`
        : `${where} does not exist. Create it (mode 600), or set SLUICE_SECRETS to where the secrets are.`,
    );
  };

  return {
    get: async (name) => {
      const document = parsedObject(
        await text().catch((error: unknown) => {
          throw fileFailure(error, where);
        }),
        where,
      );
      return secretValue(name, { current: readSecretsObject(document, where), previous: previousOf(document, where) });
    },
  };
};

/** The command that makes a secrets file with a root key in it. */
const keyByHand = (path: string): string =>
  `(umask 077; echo "{ \\"rootKey\\": \\"$(openssl rand -base64 32)\\" }" > "${path}")`;

/**
 * Makes the file with a root key of 32 random bytes (base64, 0600), unless there is one; a file that is there is never changed. Comes
 * before anything else of a new folder is written, so whoever finds a state finds its key. Processes that start together agree on one key.
 * @param isUsed something was written with an earlier key: then none is made, and `fileSecrets` says that it was lost
 */
export const makeRootKey = async (path: string, isUsed: () => Promise<boolean>): Promise<void> => {
  try {
    if (existsSync(path) || (await isUsed())) return;
    await createFile(resolve(path), newDocument(), dirname(resolve(path)));
  } catch (error) {
    throw fileFailure(error, `Secrets file ${path}`);
  }
};

const newDocument = (): Uint8Array =>
  Buffer.from(`${JSON.stringify({ rootKey: randomBytes(32).toString('base64') }, null, 2)}\n`);

const previousOf = (document: Readonly<Record<string, unknown>>, where: string): SecretsDocument | undefined =>
  document['previous'] === undefined
    ? undefined
    : readSecretsObject(parsedObject(JSON.stringify(document['previous']), `"previous" in ${where}`), where);

/** The text of a file that only its owner can read; `undefined` when there is none. */
const readPrivate = async (path: string, where: string): Promise<string | undefined> => {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    // The mode of the open file, not of the path, because the file at the path could be swapped in between.
    const { mode } = await file.stat();
    if ((mode & 0o077) !== 0)
      throw new OperatorMustFix(
        `${where} can be read by others (mode ${(mode & 0o777).toString(8)}). Run: chmod 600 ${path}`,
      );
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
};
