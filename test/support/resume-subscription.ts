import { resumedState } from '../../shared/core/hold.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import type { SubscriptionState } from '../../shared/core/subscription-state.ts';
import { newChallengeToken } from '../../shared/flows/deliver/challenge.ts';
import { loadState, storeState } from '../../shared/flows/deliver/load-state.ts';
import type { Journal } from '../../shared/flows/journal/open-journal.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';

/** What the call of the API makes of the state, without what a test of deliveries has no need of: callers, the audit journal, a queue. */
export const resumeSubscription = async (
  { journal, records, clock }: { readonly journal: Journal; readonly records: RecordStore; readonly clock: Clock },
  subscription: Subscription,
): Promise<SubscriptionState['health']['status']> => {
  const nowMs = clock.nowMs();
  const { state, version } = await loadState({ journal, records }, subscription);
  const resumed = resumedState(state, { subscription, token: newChallengeToken(), nowMs });
  if ((await storeState(records, subscription.id, resumed, version, nowMs)) === 'conflict')
    throw new Error('nobody else was to change the state');
  return state.health.status;
};
