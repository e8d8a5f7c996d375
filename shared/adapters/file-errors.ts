import { OperatorMustFix, RetryLater } from '../core/errors.ts';

/** The `code` of a system error, such as `ENOENT`; `undefined` for anything else. */
export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;

/**
 * Turns a failed call of the file system into an error that names who must act, and on which path. Returned, not thrown: `RetryLater` when
 * it may pass by itself, `OperatorMustFix` when a person must act, and the error itself when it does not come from the file system.
 * @param what the thing in the operator's words, for example `Folder .sluice/journal`
 * @see https://man7.org/linux/man-pages/man3/errno.3.html
 */
export const fileFailure = (error: unknown, what: string): unknown => {
  const code = codeOf(error);
  if (code === undefined) return error;
  if (passing.has(code)) return new RetryLater(`${what} cannot be used at the moment (${code}).`, { cause: error });
  return new OperatorMustFix(`${what} cannot be used (${code}): ${remedyOf(code)}`, { cause: error });
};

const passing = new Set(['EAGAIN', 'EBUSY', 'EINTR', 'EMFILE', 'ENFILE', 'ENOENT', 'ENOMEM', 'ESTALE', 'ETIMEDOUT']);

const remedyOf = (code: string): string => {
  switch (code) {
    case 'ENOSPC':
      return 'the disk is full. Free space on it or choose a folder on another disk; nothing was written.';
    case 'EDQUOT':
      return "the user's disk quota is used up. Raise it or free space; nothing was written.";
    case 'EACCES':
    case 'EPERM':
      return `no permission. Give the user that runs this (uid ${process.getuid?.() ?? 'unknown'}) the right to read and write it.`;
    case 'EROFS':
      return 'the file system is read-only. Mount it writable or choose another folder.';
    case 'ENOTDIR':
    case 'EEXIST':
    case 'EISDIR':
      return 'a file stands where a folder belongs, or the other way round. Move it away or choose another folder.';
    case 'ENOTSUP':
    case 'EMLINK':
    case 'EXDEV':
      return 'the file system has no hard links, which are needed to write each file once. Choose a folder on a local disk.';
    case 'EIO':
      return 'the disk reports an error. Check its health before going on.';
    default:
      return 'check the path and its disk.';
  }
};
