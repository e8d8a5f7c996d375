import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { KeySet } from '../../shared/core/signing-key.ts';
import { type CheckedHead, checkWitness } from '../../shared/core/verify/head-check.ts';
import type { Terminal } from '../terminal.ts';
import { WrongUsage } from '../wrong-usage.ts';

/**
 * Signed heads that somebody kept, as `sluice head --json` prints them.
 * @param source the source that the heads must be of; absent: any
 * @throws WrongUsage when one cannot be read, or witnesses nothing
 */
export const headsFrom = async (
  files: readonly string[],
  of: { readonly source?: string; readonly keys: KeySet | undefined },
  { cwd }: Pick<Terminal, 'cwd'>,
): Promise<readonly CheckedHead[]> => {
  const heads: CheckedHead[] = [];
  for (const file of files) {
    const bytes = await readFile(resolve(cwd, file)).catch((cause: NodeJS.ErrnoException) => {
      throw new WrongUsage(`--head ${file} cannot be read (${cause.code}). Check the path.`, { cause });
    });
    const head = checkWitness(bytes, { name: file, ...of });
    if (typeof head === 'string') throw new WrongUsage(`--head ${file} is no witness: ${head}.`);
    heads.push(head);
  }
  return heads;
};
