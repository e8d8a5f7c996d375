import type { BlobStore } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import { type Journal, openJournal } from '../journal/open-journal.ts';

export interface AuditDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
  /** Of `openAuditJournal`. */
  readonly audit: Journal;
}

/**
 * The journal of changes: form, chain and checks of the journal of events, in the same store below `audit/`, where no source's name can
 * meet it and no rule that expires events reaches it.
 */
export const openAuditJournal = (store: BlobStore): Journal =>
  openJournal({ store: below(store, 'audit/'), source: 'audit' });

const below = (store: BlobStore, prefix: string): BlobStore => ({
  description: `${store.description}/${prefix.slice(0, -1)}`,
  putIfAbsent: (name, bytes, metadata) => store.putIfAbsent(prefix + name, bytes, metadata),
  get: (name, range) => store.get(prefix + name, range),
  list: async (inner, { after, limit }) => {
    const names = await store.list(prefix + inner, { limit, ...(after !== undefined && { after: prefix + after }) });
    return names.map((name) => name.slice(prefix.length));
  },
});
