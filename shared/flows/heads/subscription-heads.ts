import { OperatorMustFix } from '../../core/errors.ts';
import type { SubscriptionHead } from '../../core/head.ts';
import type { Subscription } from '../../core/subscription.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import { eachRecord } from '../records/each-record.ts';
import type { Roster } from '../roster.ts';

export interface SubscriptionHeads {
  /** By id; those that were never looked at are left out. */
  readonly heads: readonly SubscriptionHead[];
  /** All there are. */
  readonly subscriptions: readonly Subscription[];
}

/**
 * How far each subscription has come. Reads the states a thousand at a time and keeps 400 bytes of each: ten thousand subscriptions are ten
 * reads. The states come before the roster: one that is deleted meanwhile is then in neither, and nobody takes its state for lost.
 * @throws OperatorMustFix when one cannot be read: what is signed must be true
 */
export const subscriptionHeads = async (
  records: RecordStore,
  roster: Pick<Roster, 'all'>,
): Promise<SubscriptionHeads> => {
  const states: (StateHead | Unreadable)[] = [];
  for await (const record of eachRecord(records, subscriptionPartition)) states.push(headOf(record));
  const subscriptions = await roster.all();
  const tenants = new Map(subscriptions.map(({ id, tenant }) => [id, tenant]));
  const heads = states.flatMap((state) => {
    const tenant = tenants.get(state.id);
    if (tenant === undefined) return [];
    if (!('cursor' in state)) throw unreadable(records, state.id);
    return [{ ...state, tenant }];
  });
  return { heads, subscriptions };
};

type StateHead = Omit<SubscriptionHead, 'tenant'>;
type Unreadable = Pick<SubscriptionHead, 'id'>;

const headOf = ({ id, value }: StoredRecord): StateHead | Unreadable => {
  const state = readSubscriptionState(value);
  if (!state) return { id };
  const { begin, cursor, sequence, chain, counts } = state;
  return { id, begin, cursor, sequence, chain, counts };
};

const unreadable = ({ description }: RecordStore, id: string): OperatorMustFix =>
  new OperatorMustFix(
    `The state of subscription "${id}" in ${description} cannot be read, so no head was signed. Restore the newest state, or run: npx sluice rebuild-checkpoint`,
  );
