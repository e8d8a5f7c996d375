import { OperatorMustFix } from '../core/errors.ts';
import type { Subscription } from '../core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../core/subscription-state.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { loadState, storeState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';
import { everyRecord } from './records/each-record.ts';
import { fileRoster, type Registered, registeredId, wakePartition } from './wake/wake-record.ts';

/**
 * Records where each new subscription of the settings' file begins, before the next pull: `now` then means now, not the first delivery.
 * One whose state was lost is not new: it is left as it is, and whoever delivers to it says so, while everybody else goes on. As long as
 * the file names the same ones as the last time, this is one read.
 * @returns the new ids
 */
export const registerSubscriptions = async (
  { journal, records }: { readonly journal: Journal; readonly records: RecordStore },
  fromFile: readonly Subscription[],
): Promise<readonly string[]> => {
  const file = fileRoster(fromFile);
  const id = registeredId(journal.source);
  const registered = await records.get(wakePartition, id);
  if (fromFile.length === 0 || (registered?.value as Partial<Registered> | null | undefined)?.file === file) return [];
  const known = new Set((await everyRecord(records, subscriptionPartition)).map(({ id }) => id));
  const added: string[] = [];
  let isWhole = true;
  for (const subscription of fromFile) {
    if (known.has(subscription.id)) continue;
    const state = await stateOfNew({ journal, records }, subscription);
    if (!state) isWhole = false;
    else if ((await storeState(records, subscription.id, state, 0, undefined)) === 'stored')
      added.push(subscription.id);
  }
  const value: Registered = { file };
  if (isWhole) await records.compareAndSet({ partition: wakePartition, id, value }, registered?.version ?? 0);
  return added;
};

const stateOfNew = async (
  deps: { readonly journal: Journal; readonly records: RecordStore },
  subscription: Subscription,
): Promise<SubscriptionState | undefined> => {
  try {
    return (await loadState(deps, subscription)).state;
  } catch (error) {
    if (error instanceof OperatorMustFix) return undefined;
    throw error;
  }
};
