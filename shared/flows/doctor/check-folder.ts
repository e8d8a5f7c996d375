import type { FolderFacts } from '../../ports/diagnosis.ts';
import { type Finding, ok, problem } from './finding.ts';

/** Whether a folder can be used, made when it is absent. */
export const judgeFolder = (check: string, { state, path, writable }: FolderFacts): Finding => {
  if (state === 'no folder')
    return problem(check, `${path} is a file where a folder belongs.`, 'Move it away, or choose another folder.');
  if (!writable)
    return problem(
      check,
      `${path} may not be ${state === 'absent' ? 'made' : 'read and written'} by this user.`,
      'Give the user that runs Sluice the right to read and write it.',
    );
  return ok(
    check,
    state === 'absent' ? `${path} is not there yet; it is made at the first write.` : `${path} is there.`,
  );
};
