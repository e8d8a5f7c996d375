import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { OperatorMustFix } from '../core/errors.ts';
import { codeOf } from './file-errors.ts';

/**
 * Creates a file that never existed before, whole and durable, readable by its owner alone (0600).
 *
 * The bytes go to a temporary file in `tempFolder`, are flushed, and get their name by `link`, which fails when the name is taken: of
 * any number of processes exactly one creates, and no reader ever sees a part. `rename` would not do: it replaces. The folder is
 * flushed in both cases, so that also `exists` outlives a power failure.
 *
 * @param tempFolder a folder on the same file system; created when missing
 * @returns `exists` when the name is taken, by whatever content
 * @throws the file system's error; nothing is left behind
 * @see https://man7.org/linux/man-pages/man2/link.2.html
 */
export const createFile = async (
  path: string,
  bytes: Uint8Array,
  tempFolder: string,
): Promise<'created' | 'exists'> => {
  const folder = dirname(path);
  await makeFolder(folder);
  await makeFolder(tempFolder);
  const temporary = join(tempFolder, `${process.pid}-${randomUUID()}`);
  try {
    await writeDurably(temporary, bytes);
    const answer = await linkOnce(temporary, path);
    await flushFolder(folder);
    return answer;
  } finally {
    await rm(temporary, { force: true });
  }
};

const writeDurably = async (path: string, bytes: Uint8Array): Promise<void> => {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
};

/** Gives a whole file its final name, unless the name is taken. */
export const linkOnce = async (from: string, to: string): Promise<'created' | 'exists'> => {
  try {
    await link(from, to);
    return 'created';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'exists';
    throw error;
  }
};

/**
 * Makes a folder and its missing parents (0700) and flushes each into its parent: a flushed file in a lost folder is lost too.
 * One by one: Node's own `recursive` never ends below /proc, and calls a read-only file system ENOENT, which may pass.
 */
export const makeFolder = async (folder: string): Promise<void> => {
  if (await isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) await makeFolder(parent);
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await isFolder(folder))) return;
    if (codeOf(error) === 'ENOENT')
      throw new OperatorMustFix(
        `Folder ${folder} cannot be made (ENOENT): the file system of ${parent} takes no folders. Choose another place.`,
        { cause: error },
      );
    throw error;
  }
  await flushFolder(parent);
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
};

const flushFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};
