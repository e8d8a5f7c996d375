import type { Subscription } from '../core/subscription.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { everySubscriptionRecord, loadState, storeState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';

/**
 * Records where each new subscription begins, before the next pull: `now` then means now, not the first delivery. Returns the new ids.
 */
export const registerSubscriptions = async (
  { journal, records }: { readonly journal: Journal; readonly records: RecordStore },
  subscriptions: readonly Subscription[],
): Promise<readonly string[]> => {
  const known = new Set((await everySubscriptionRecord(records)).map(({ id }) => id));
  const added: string[] = [];
  for (const subscription of subscriptions) {
    if (known.has(subscription.id)) continue;
    const { state } = await loadState({ journal, records }, subscription);
    if ((await storeState(records, subscription.id, state, 0, undefined)) === 'stored') added.push(subscription.id);
  }
  return added;
};
