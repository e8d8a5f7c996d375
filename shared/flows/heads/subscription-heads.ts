import type { SubscriptionHead } from '../../core/head.ts';
import type { Subscription } from '../../core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';

const pageSize = 1000;

/**
 * How far each of these subscriptions has come, by id; those that were never looked at are left out. Reads the states a thousand at a
 * time and keeps 400 bytes of each: ten thousand subscriptions are ten reads.
 */
export const subscriptionHeads = async (
  records: RecordStore,
  subscriptions: readonly Subscription[],
): Promise<readonly SubscriptionHead[]> => {
  const tenants = new Map(subscriptions.map(({ id, tenant }) => [id, tenant]));
  const heads: SubscriptionHead[] = [];
  for (let from = ''; ; ) {
    const page = await records.range(subscriptionPartition, { limit: pageSize, ...(from !== '' && { from }) });
    for (const record of page) {
      const tenant = tenants.get(record.id);
      if (tenant !== undefined) heads.push(headOf(record, tenant));
    }
    const last = page.at(-1);
    if (!last || page.length < pageSize) return heads;
    from = `${last.id}\u0000`;
  }
};

const headOf = ({ id, value }: StoredRecord, tenant: string): SubscriptionHead => {
  const { begin, cursor, sequence, chain, counts } = value as SubscriptionState;
  return { id, tenant, begin, cursor, sequence, chain, counts };
};
