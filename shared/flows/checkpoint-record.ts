import { checkpointPartition } from '../core/checkpoint.ts';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import type { Journal } from './journal/open-journal.ts';

/**
 * The record of a source's checkpoint, whatever it holds. `none`: nothing was ever pulled · `lost`: something is journaled all the same.
 *
 * The first checkpoint is written before the first segment. One that is missing while a segment is there is looked for once more: a first
 * pull may have written both between the two looks.
 */
export const checkpointRecord = async ({
  journal,
  records,
}: {
  readonly journal: Journal;
  readonly records: RecordStore;
}): Promise<StoredRecord | 'none' | 'lost'> => {
  const look = () => records.get(checkpointPartition, journal.source);
  return (await look()) ?? ((await journal.isEmpty()) ? 'none' : ((await look()) ?? 'lost'));
};
