import { RetryLater } from '../../core/errors.ts';
import type { Subscription } from '../../core/subscription.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { settingsOf, subscriptionPartition } from '../../core/subscription-state.ts';
import { storeState } from '../deliver/load-state.ts';
import type { ManageDeps } from './manage-deps.ts';

const mostTries = 8;

/**
 * Names in a subscription's state the settings that hold from now on: a delivery under way that has others meets a conflict, records the one
 * batch that it is sending, and ends. A state that is missing or cannot be read stays as it is: nothing is delivered from it.
 * @throws RetryLater when deliveries kept changing the state
 */
export const markSettings = async ({ records }: ManageDeps, subscription: Subscription): Promise<void> => {
  const settings = settingsOf(subscription);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const record = await records.get(subscriptionPartition, subscription.id);
    const state = readSubscriptionState(record?.value);
    if (!record || !state || state.settings === settings) return;
    const next = { ...state, settings };
    if ((await storeState(records, subscription.id, next, record.version, record.dueAtMs)) === 'stored') return;
  }
  throw new RetryLater(`Deliveries kept changing the state of subscription "${subscription.id}". Ask again.`);
};
