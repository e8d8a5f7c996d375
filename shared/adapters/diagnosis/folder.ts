import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { FolderFacts } from '../../ports/diagnosis.ts';
import { codeOf, fileFailure } from '../file-errors.ts';

/**
 * A folder as it is, without writing into it: the file system is asked for the permissions. For an absent folder the nearest existing
 * folder above tells whether it could be made.
 * @throws OperatorMustFix, RetryLater when the file system refuses even that
 */
export const lookAtFolder = async (path: string): Promise<FolderFacts> => {
  try {
    const found = await stat(resolve(path)).catch(ifAbsent);
    const nearest = found ? resolve(path) : await nearestAbove(resolve(path));
    const { bavail, bsize } = await statfs(nearest);
    const isFolder = (found ?? (await stat(nearest))).isDirectory();
    return {
      state: found ? (isFolder ? 'folder' : 'no folder') : isFolder ? 'absent' : 'no folder',
      path: isFolder ? path : nearest,
      writable: await may(nearest, constants.R_OK | constants.W_OK | constants.X_OK),
      freeBytes: bavail * bsize,
    };
  } catch (error) {
    throw fileFailure(error, `Folder ${path}`);
  }
};

/** Whether this process may read and write the file. */
export const mayWrite = (path: string): Promise<boolean> => may(path, constants.R_OK | constants.W_OK);

const may = (path: string, rights: number): Promise<boolean> =>
  access(path, rights).then(
    () => true,
    () => false,
  );

const nearestAbove = async (path: string): Promise<string> => {
  const above = dirname(path);
  return above === path || (await stat(above).catch(ifAbsent)) ? above : nearestAbove(above);
};

/** `ENOTDIR`: a file stands where a folder above should be; the walk upwards finds it. */
const ifAbsent = (error: unknown): undefined => {
  if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
  throw error;
};
