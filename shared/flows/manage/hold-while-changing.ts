import { RetryLater } from '../../core/errors.ts';
import { challengedState, heldForChange } from '../../core/hold.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { newChallengeToken } from '../deliver/challenge.ts';
import { loadState, storeState } from '../deliver/load-state.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';

const mostTries = 8;

/** Nothing is sent while the URL changes, and nothing afterwards before the new one has answered. */
export const holdWhileChanging = async (deps: ManageDeps, { by }: Caller, subscription: Subscription): Promise<void> =>
  change(deps, subscription, (state) => heldForChange(state, { by, sinceMs: deps.clock.nowMs() }));

/** The endpoint as it is now is challenged, unless somebody had paused the subscription. */
export const proveAfterChange = async (deps: ManageDeps, subscription: Subscription): Promise<void> => {
  const token = newChallengeToken();
  await change(deps, subscription, (state) =>
    challengedState(state, { subscription, token, nowMs: deps.clock.nowMs() }),
  );
};

const change = async (
  deps: ManageDeps,
  subscription: Subscription,
  to: (state: SubscriptionState) => SubscriptionState,
): Promise<void> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { state, version } = await loadState(deps, subscription);
    const next = to(state);
    const dueAtMs = next.hold?.kind === 'pending' ? deps.clock.nowMs() : undefined;
    if ((await storeState(deps.records, subscription.id, next, version, dueAtMs)) === 'stored') return;
  }
  throw new RetryLater(`Deliveries kept changing the state of subscription "${subscription.id}". Ask again.`);
};
