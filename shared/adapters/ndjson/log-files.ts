import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { OperatorMustFix, RetryLater } from '../../core/errors.ts';

export interface LogFile {
  readonly path: string;
  /** Its base name: the `_index` of its bare documents. */
  readonly name: string;
}

/**
 * The files of a log: `path` itself, or every `*.ndjson` and `*.jsonl` of the folder it names, by name; deeper folders are not read.
 * @throws OperatorMustFix when there is none, or it may not be read
 */
export const logFiles = async (path: string): Promise<readonly LogFile[]> => {
  if (!(await touching(path, () => stat(path))).isDirectory()) return [{ path, name: basename(path) }];
  const names = (await touching(path, () => readdir(path, { withFileTypes: true })))
    .filter((entry) => !entry.isDirectory() && /\.(ndjson|jsonl)$/i.test(entry.name))
    .map(({ name }) => name)
    .sort();
  if (names.length > 0) return names.map((name) => ({ path: join(path, name), name }));
  throw new OperatorMustFix(
    `${setting(path)} is a folder without any *.ndjson or *.jsonl file. Name a log file, or put one there.`,
  );
};

/** Runs `work` with the file open for reading, and closes it whatever happens. */
export const withFile = async <Result>(path: string, work: (file: FileHandle) => Promise<Result>): Promise<Result> => {
  const file = await touching(path, () => open(path, 'r'));
  try {
    return await touching(path, () => work(file));
  } finally {
    await file.close();
  }
};

/** @throws OperatorMustFix or RetryLater in place of what the file system throws */
export const touching = async <Result>(path: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    throw trouble(path, cause);
  }
};

const trouble = (path: string, cause: unknown): unknown => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  switch (code) {
    case undefined:
      return cause; // not an error of the file system
    case 'ENOENT':
    case 'ENOTDIR':
      return new OperatorMustFix(
        `${setting(path)} does not exist. Check the path; a relative one begins where the command was started.`,
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new OperatorMustFix(
        `${setting(path)} may not be read (${code}). Give this user the permission to read it.`,
        { cause },
      );
    case 'EISDIR':
      return new OperatorMustFix(`${setting(path)} is a folder. Name a log file.`, { cause });
    default:
      return new RetryLater(`${setting(path)} cannot be read just now (${code}).`, { cause });
  }
};

const setting = (path: string): string => `SLUICE_SOURCE_URL "file:${path}"`;
