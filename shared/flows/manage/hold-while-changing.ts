import { RetryLater } from '../../core/errors.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { loadState, storeState } from '../deliver/load-state.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import { pausedState, pendingHold, restedHealth } from './pause-subscription.ts';

const reason = 'its URL is being changed; if that was broken off, resuming it sends a challenge';
const mostTries = 8;

/**
 * Nothing is sent while the URL changes, and nothing afterwards before the new one has answered. One that somebody had paused stays paused,
 * and owes its answer once it is resumed.
 */
export const holdWhileChanging = async (deps: ManageDeps, { by }: Caller, subscription: Subscription): Promise<void> =>
  change(deps, subscription, (state) => {
    const sinceMs = deps.clock.nowMs();
    if (state.hold?.kind === 'paused') return { ...state, hold: { ...state.hold, isUnproven: true } };
    const { hold } = pausedState(state, { by, sinceMs, reason });
    return hold?.kind === 'paused' ? { ...state, hold: { ...hold, isUnproven: true, forChange: true } } : state;
  });

/** The endpoint as it is now is challenged, unless somebody had paused the subscription. Failures of the one before do not count. */
export const proveAfterChange = async (deps: ManageDeps, subscription: Subscription): Promise<void> =>
  change(deps, subscription, (state) => {
    if (state.hold?.kind !== 'paused' || !state.hold.forChange) return state;
    return { ...state, hold: pendingHold(subscription, deps.clock.nowMs()), health: restedHealth(state.health) };
  });

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
