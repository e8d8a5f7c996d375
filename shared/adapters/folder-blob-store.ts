import { open, readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { BlobStore } from '../ports/blob-store.ts';
import { checkBlobListing, checkBlobName, checkBlobRange } from './blob-names.ts';
import { createFile } from './create-file.ts';
import { codeOf, fileFailure } from './file-errors.ts';
import { listFolder } from './list-folder.ts';

/** `~` cannot be in a blob name: what lies in this folder is never listed. */
const unfinishedFolder = '~unfinished';
const unfinishedMaxAgeMs = 60 * 60 * 1000;

/**
 * A BlobStore in a folder: one file per blob, its name below `root`. Several processes may use one folder at once.
 *
 * Files are 0600, folders 0700, and are made at the first write. Content type and encoding are not kept: the name tells them.
 * Differs from S3 in one way: `a` and `a/b` cannot both be blobs.
 *
 * @throws RetryLater for what may pass, such as too many open files
 * @throws OperatorMustFix no permission, disk full, read-only, no hard links; names the folder and the remedy, nothing is left behind
 */
export const folderBlobStore = (options: { readonly root: string }): BlobStore => {
  const root = resolve(options.root);
  const description = `folder ${options.root}`;
  let tidied: Promise<void> | undefined;

  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw fileFailure(error, `Folder ${options.root}`);
    }
  };

  /** Runs once per store; after a failure it runs again, because the operator may fix the cause while the process runs. */
  const tidy = (): Promise<void> => {
    tidied ??= removeUnfinished(join(root, unfinishedFolder)).catch((error: unknown) => {
      tidied = undefined;
      throw error;
    });
    return tidied;
  };

  return {
    description,

    putIfAbsent: async (name, bytes) => {
      checkBlobName(name);
      return attempt(async () => {
        await tidy();
        return createFile(join(root, name), bytes, join(root, unfinishedFolder));
      });
    },

    get: async (name, range) => {
      checkBlobName(name);
      checkBlobRange(range);
      return attempt(() => readOrAbsent(join(root, name), range));
    },

    list: async (prefix, { after = '', limit }) => {
      checkBlobListing(prefix, limit);
      return attempt(() => listFolder(root, { prefix, after, limit }));
    },
  };
};

/** A crash between write and link leaves a nameless file; it is harmless, and gone an hour later. */
const removeUnfinished = async (folder: string): Promise<void> => {
  const oldestMs = Date.now() - unfinishedMaxAgeMs;
  for (const file of await namesIn(folder)) {
    const path = join(folder, file);
    const info = await stat(path).catch(ifAbsent);
    if (info && info.mtimeMs < oldestMs) await rm(path, { force: true });
  }
};

const namesIn = async (folder: string): Promise<readonly string[]> => (await readdir(folder).catch(ifAbsent)) ?? [];

const readOrAbsent = async (
  path: string,
  range: { readonly offset: number; readonly length: number } | undefined,
): Promise<Uint8Array | undefined> => {
  const file = await open(path, 'r').catch(ifAbsent);
  if (!file) return undefined;
  try {
    const info = await file.stat();
    if (!info.isFile()) return undefined;
    const offset = range?.offset ?? 0;
    const wanted = Math.max(0, Math.min(range?.length ?? info.size, info.size - offset));
    const bytes = Buffer.allocUnsafe(wanted);
    let filled = 0;
    while (filled < wanted) {
      const { bytesRead } = await file.read(bytes, filled, wanted - filled, offset + filled);
      if (bytesRead === 0) throw new Error(`${path} became shorter while it was read; blobs never change.`);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
};

/** `ENOTDIR`: a part of the name is a file, so nothing can be below it. */
const ifAbsent = (error: unknown): undefined => {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
  throw error;
};
