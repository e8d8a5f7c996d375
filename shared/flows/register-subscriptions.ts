import { OperatorMustFix } from '../core/errors.ts';
import type { Subscription } from '../core/subscription.ts';
import type { SubscriptionState } from '../core/subscription-state.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { everySubscriptionRecord, loadState, storeState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';
import { fileRoster, readWake } from './wake/wake-record.ts';

/**
 * Records where each new subscription of the settings' file begins, before the next pull: `now` then means now, not the first delivery.
 * One whose state was lost is not new: it is left as it is, and whoever delivers to it says so, while everybody else goes on. As long as
 * the file names the same ones that were woken already, this is one read.
 * @returns the new ids
 */
export const registerSubscriptions = async (
  { journal, records }: { readonly journal: Journal; readonly records: RecordStore },
  fromFile: readonly Subscription[],
): Promise<readonly string[]> => {
  const { woken } = await readWake(records, journal.source);
  if (fromFile.length === 0 || woken?.file === fileRoster(fromFile)) return [];
  const known = new Set((await everySubscriptionRecord(records)).map(({ id }) => id));
  const added: string[] = [];
  for (const subscription of fromFile) {
    if (known.has(subscription.id)) continue;
    const state = await stateOfNew({ journal, records }, subscription);
    if (state && (await storeState(records, subscription.id, state, 0, undefined)) === 'stored')
      added.push(subscription.id);
  }
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
