import { describe, expect, it } from 'vitest';
import { fileFailure } from '../../shared/adapters/file-errors.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';

const systemError = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

describe('a failure of the file system', () => {
  it.each([
    ['ENOSPC', /Folder journal cannot be used \(ENOSPC\): the disk is full\. Free space/],
    ['EDQUOT', /quota/],
    ['EACCES', /no permission\. Give the user that runs this \(uid \d+\)/],
    ['EPERM', /no permission/],
    ['EROFS', /read-only/],
    ['ENOTDIR', /a file stands where a folder belongs/],
    ['EXDEV', /hard links/],
    ['EIO', /Check its health/],
    ['ENAMETOOLONG', /check the path/],
  ])('%s is for the operator, who is told the place and the remedy', (code, message) => {
    const failure = fileFailure(systemError(code), 'Folder journal');
    expect(failure).toBeInstanceOf(OperatorMustFix);
    expect(failure).toMatchObject({ message: expect.stringMatching(message), cause: { code } });
  });

  it.each(['EMFILE', 'EBUSY', 'ESTALE'])('%s may pass by itself', (code) => {
    expect(fileFailure(systemError(code), 'Folder journal')).toBeInstanceOf(RetryLater);
  });

  it('is not what a bug of ours is taken for', () => {
    const bug = new TypeError('undefined is not a function');
    expect(fileFailure(bug, 'Folder journal')).toBe(bug);
  });
});
