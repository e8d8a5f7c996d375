import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { type Health, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';

/**
 * How subscriptions fare, from their states alone: no manifest is read. One that was never seen, or whose state cannot be read, is left
 * out: whoever delivers to it says so.
 */
export const readHealth = async (
  { records }: { readonly records: RecordStore },
  ids: readonly string[],
): Promise<readonly { readonly id: string; readonly health: Health }[]> => {
  const known: { readonly id: string; readonly health: Health }[] = [];
  for (const id of ids) {
    const state = readSubscriptionState((await records.get(subscriptionPartition, id))?.value);
    if (state) known.push({ id, health: state.health });
  }
  return known;
};
