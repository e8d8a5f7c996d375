import type { Subscription } from '../core/subscription.ts';
import type { SubscriptionState } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { loadState, storeState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';

const mostTries = 5;

/**
 * Lets a paused, disabled or waiting subscription go on at once, from its cursor: nothing was thrown away meanwhile.
 * @returns what it was before; `conflict` when deliveries kept changing it
 */
export const resumeSubscription = async (
  { journal, records, clock }: { readonly journal: Journal; readonly records: RecordStore; readonly clock: Clock },
  subscription: Subscription,
): Promise<SubscriptionState['health']['status'] | 'conflict'> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { state, version } = await loadState({ journal, records }, subscription);
    const { lastSuccessAtMs } = state.health;
    const health: SubscriptionState['health'] = {
      status: 'active',
      failures: 0,
      deadLettersInARow: 0,
      ...(lastSuccessAtMs !== undefined && { lastSuccessAtMs }),
    };
    if ((await storeState(records, subscription.id, { ...state, health }, version, clock.nowMs())) === 'stored')
      return state.health.status;
  }
  return 'conflict';
};
