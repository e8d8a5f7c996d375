import { type Checkpoint, checkpointPartition } from '../../core/checkpoint.ts';
import { everyTenant } from '../../core/event.ts';
import { type StoredSubscription, tenantOfId } from '../../core/stored-subscription.ts';
import type { Subscription } from '../../core/subscription.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { freshState, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Journal } from '../journal/open-journal.ts';
import { readStored } from '../roster/stored.ts';
import type { Roster } from '../roster.ts';
import { type Caller, sees } from './caller.ts';
import { type SubscriptionView, viewOf } from './subscription-view.ts';

/** A subscription that the caller may see. */
export interface Found {
  /** Of one made by the API without its credentials. */
  readonly subscription: Subscription;
  /** Absent: it is in the settings' file. */
  readonly stored?: StoredSubscription;
  /** Of the record; 0 of one in the file. */
  readonly version: number;
}

export interface FindDeps {
  readonly roster: Pick<Roster, 'fromFile'>;
  readonly records: RecordStore;
}

/**
 * `undefined` when there is none, and when it is another tenant's. An id of the caller's own form costs one read, whether or not there is such a
 * record; one of another's form none: what it costs tells nothing either.
 */
export const findSubscription = async (
  { roster, records }: FindDeps,
  caller: Caller,
  id: string,
): Promise<Found | undefined> => {
  const written = roster.fromFile.find((each) => each.id === id);
  if (written && sees(caller, written.tenant)) return { subscription: written, version: 0 };
  const tenant = tenantOfId(id);
  if (written || tenant === undefined || !sees(caller, tenant)) return undefined;
  const found = await readStored(records, id);
  if (!found || found.stored.deletedAt !== undefined) return undefined;
  return { subscription: found.stored.subscription, stored: found.stored, version: found.version };
};

/** Those of one tenant in the settings' file, by id; everybody's for `*`. */
export const inFile = ({ roster }: Pick<FindDeps, 'roster'>, tenant: string): readonly Found[] =>
  roster.fromFile
    .filter((each) => tenant === everyTenant || each.tenant === tenant)
    .map((subscription) => ({ subscription, version: 0 }));

export interface ViewDeps extends FindDeps {
  readonly journal: Journal;
}

/** What is shown of a subscription and its state, from two records: no manifest is read. */
export const viewFound = async (deps: ViewDeps, found: Found): Promise<SubscriptionView> =>
  viewAt(deps, found, await headByCheckpoint(deps));

/** @param head the newest segment of the journal, by the checkpoint */
export const viewAt = async ({ records }: ViewDeps, found: Found, head: number): Promise<SubscriptionView> => {
  const { id, start } = found.subscription;
  const unseen = freshState({ segment: start === 'beginning' ? 1 : head + 1, index: 0 });
  const record = await records.get(subscriptionPartition, id);
  if (!record) return viewOf(found, unseen, head);
  const state = readSubscriptionState(record.value);
  if (state) return viewOf(found, state, head);
  return { ...viewOf(found, unseen, head), state: 'paused', reason: damaged };
};

const damaged = 'what is known of its progress is damaged: its operator must restore it, nothing is sent meanwhile';

/** The newest segment that pull knows of; 0: none. */
export const headByCheckpoint = async ({
  records,
  journal,
}: Pick<ViewDeps, 'records' | 'journal'>): Promise<number> => {
  const { head } = ((await records.get(checkpointPartition, journal.source))?.value ?? {}) as Partial<Checkpoint>;
  return head ?? 0;
};
