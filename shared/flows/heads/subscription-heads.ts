import { OperatorMustFix } from '../../core/errors.ts';
import type { SubscriptionHead } from '../../core/head.ts';
import type { Subscription } from '../../core/subscription.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';

const pageSize = 1000;

/**
 * How far each of these subscriptions has come, by id; those that were never looked at are left out. Reads the states a thousand at a
 * time and keeps 400 bytes of each: ten thousand subscriptions are ten reads.
 * @throws OperatorMustFix when one cannot be read: what is signed must be true
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
      if (tenant !== undefined) heads.push(headOf(records, record, tenant));
    }
    const last = page.at(-1);
    if (!last || page.length < pageSize) return heads;
    from = `${last.id}\u0000`;
  }
};

const headOf = ({ description }: RecordStore, { id, value }: StoredRecord, tenant: string): SubscriptionHead => {
  const state = readSubscriptionState(value);
  if (!state)
    throw new OperatorMustFix(
      `The state of subscription "${id}" in ${description} cannot be read, so no head was signed. Restore the newest state, or run: npx sluice rebuild-checkpoint`,
    );
  const { begin, cursor, sequence, chain, counts } = state;
  return { id, tenant, begin, cursor, sequence, chain, counts };
};
