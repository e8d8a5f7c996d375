/** The subscriptions made by the API, as records. */
import { OperatorMustFix } from '../../core/errors.ts';
import {
  rosterIndexPartition,
  rosterPartition,
  type StoredSubscription,
  tenantOfId,
} from '../../core/stored-subscription.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import { everyRecord } from '../records/each-record.ts';

export interface VersionedSubscription {
  readonly stored: StoredSubscription;
  /** Of the record: what a change must expect. */
  readonly version: number;
}

/**
 * The record of a subscription, a deleted one (`deletedAt`) too as long as it is kept; one read. An id that the API did not make has none.
 * @throws OperatorMustFix when the record cannot be read
 */
export const readStored = async (records: RecordStore, id: string): Promise<VersionedSubscription | undefined> => {
  const tenant = tenantOfId(id);
  const record = tenant === undefined ? undefined : await records.get(rosterPartition(tenant), id);
  return record && versioned(records, record);
};

/** Writes when nobody has changed it since `expected` was read (0: when the id is free); tenant and id never change. */
export const changeStored = (
  records: RecordStore,
  stored: StoredSubscription,
  expected: number,
): Promise<'stored' | 'conflict'> => {
  const { tenant, id } = stored.subscription;
  return records.compareAndSet({ partition: rosterPartition(tenant), id, value: stored }, expected);
};

export const removeStored = async (
  records: RecordStore,
  id: string,
  expected: number,
): Promise<'removed' | 'conflict'> => {
  const tenant = tenantOfId(id);
  return tenant === undefined ? 'conflict' : records.remove(rosterPartition(tenant), id, expected);
};

export interface StoredPage {
  /** By id; deleted ones (`deletedAt`) too. */
  readonly items: readonly VersionedSubscription[];
  /** Where the next page begins; absent: this is the last. */
  readonly next?: string;
}

/**
 * A page of one tenant's subscriptions; one read.
 * @param options.from an id to begin with, or `next` of the page before
 * @param options.limit 1 to 999
 * @throws OperatorMustFix when a record cannot be read
 */
export const storedOf = async (
  records: RecordStore,
  tenant: string,
  { from, limit }: { readonly from?: string; readonly limit: number },
): Promise<StoredPage> => {
  const page = await records.range(rosterPartition(tenant), { ...(from !== undefined && { from }), limit: limit + 1 });
  const next = page[limit]?.id;
  return {
    items: page.slice(0, limit).map((record) => versioned(records, record)),
    ...(next !== undefined && { next }),
  };
};

/** Every tenant that has, or once had, a subscription made by the API; in order, `*` among them. */
export const tenantsWithStored = async (records: RecordStore): Promise<readonly string[]> =>
  (await everyRecord(records, rosterIndexPartition)).map(({ id }) => id);

/**
 * To be called before a subscription is stored: one of a tenant that is not in the index is missed by whoever looks for all. What holds it
 * back (`hold`) must be in its SubscriptionState by then as well: once stored, it is delivered to.
 */
export const enterTenant = async (records: RecordStore, tenant: string): Promise<void> => {
  if (await records.get(rosterIndexPartition, tenant)) return;
  // A conflict means that somebody else has just entered it.
  await records.compareAndSet({ partition: rosterIndexPartition, id: tenant, value: {} }, 0);
};

/** @throws OperatorMustFix when it is not what the API stored */
export const versioned = (
  records: RecordStore,
  { partition, id, value, version }: StoredRecord,
): VersionedSubscription => {
  const stored = (typeof value === 'object' && value !== null ? value : {}) as Partial<StoredSubscription>;
  const { subscription } = stored;
  if (subscription?.id === id && rosterPartition(subscription.tenant) === partition && subscription.destination)
    return { stored: stored as StoredSubscription, version };
  throw new OperatorMustFix(
    `The record of subscription "${id}" in ${records.description} cannot be read. Restore it from a backup, or delete the subscription and make a new one.`,
  );
};
