import { OperatorMustFix, RetryLater } from '../core/errors.ts';
import { fileFailure } from './file-errors.ts';
import { fullDisk, restoreAdvice } from './sqlite-file.ts';

/**
 * Turns a failed call of SQLite into an error that names who must act. It is returned, not thrown; an error of neither SQLite nor the file
 * system is returned as it is.
 * @see https://www.sqlite.org/rescode.html (the low byte of the extended code is the primary one)
 */
export const sqliteFailure = (error: unknown, path: string): unknown => {
  const code = resultCode(error);
  if (code === undefined) return fileFailure(error, `State file ${path}`);
  const cause = { cause: error };
  switch (code & 0xff) {
    case 5: // SQLITE_BUSY
    case 6: // SQLITE_LOCKED
      return new RetryLater(`State file ${path} is held by another process.`, cause);
    case 7: // SQLITE_NOMEM
      return new RetryLater(`State file ${path} cannot be used at the moment: out of memory.`, cause);
    case 11: // SQLITE_CORRUPT
      return new OperatorMustFix(`State file ${path} is damaged. ${restoreAdvice}`, cause);
    case 26: // SQLITE_NOTADB
      return new OperatorMustFix(`State file ${path} is not a SQLite database. ${restoreAdvice}`, cause);
    case 13: // SQLITE_FULL
      return new OperatorMustFix(fullDisk(path), cause);
    case 3: // SQLITE_PERM
    case 8: // SQLITE_READONLY
      return new OperatorMustFix(
        `State file ${path} is read-only. Give the user that runs this the right to write it and its folder.`,
        cause,
      );
    case 14: // SQLITE_CANTOPEN
      return new OperatorMustFix(
        `State file ${path} cannot be opened. Check that its folder exists and that both may be read and written.`,
        cause,
      );
    case 10: // SQLITE_IOERR
      return new OperatorMustFix(
        `State file ${path} cannot be read or written: the disk reports an error. Check its space and health.`,
        cause,
      );
    default:
      return error;
  }
};

const resultCode = (error: unknown): number | undefined =>
  error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
