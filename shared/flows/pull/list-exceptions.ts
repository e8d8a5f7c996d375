import type { Checkpoint } from '../../core/checkpoint.ts';
import { isWorthListing } from '../../core/exception-list.ts';
import type { Journal } from '../journal/open-journal.ts';

/**
 * The checkpoint with its exceptions gathered into one list, once they are many or a day old: a run then reads one object for all of them, and
 * needs no segment that may have expired. The list is written before the checkpoint names it; a run that dies in between has written
 * what the next one writes again.
 */
export const listExceptions = async (journal: Journal, checkpoint: Checkpoint, nowMs: number): Promise<Checkpoint> => {
  const { listed, exceptions } = checkpoint;
  const loose = await Promise.all(exceptions.map((seq) => journal.appended(seq)));
  const last = loose.at(-1);
  if (!last || !isWorthListing(loose, nowMs)) return checkpoint;
  const before = listed && (await journal.exceptions.read(listed));
  const keys = await Promise.all(loose.map((manifest) => journal.keys(manifest)));
  const list = {
    upTo: { seq: last.seq, hash: last.hash },
    segments: [...(before?.segments ?? []), ...loose.map(({ seq, maxTime }) => [seq, maxTime] as const)],
    keys: [...(before?.keys ?? []), ...keys.flat()],
  };
  return { ...checkpoint, exceptions: [], listed: await journal.exceptions.write(list) };
};
