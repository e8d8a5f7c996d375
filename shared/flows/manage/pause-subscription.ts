import { randomBytes } from 'node:crypto';
import { endpointOf } from '../../core/endpoint.ts';
import type { Health, Hold, SubscriptionState } from '../../core/subscription-state.ts';
import { type Answer, done, notFound } from './answer.ts';
import type { Caller } from './caller.ts';
import { changeState, isRefusal, stale } from './change-state.ts';
import type { Expecting } from './change-subscription.ts';
import { type Found, findSubscription, viewFound } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { plainReason } from './plain-reason.ts';
import type { SubscriptionView } from './subscription-view.ts';
import { wakeNow } from './wake-now.ts';

/** Nothing is sent from now on, until it is resumed; nothing is lost meanwhile. Pausing what is paused changes the reason. */
export const pauseSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { expected, reason: written }: Expecting & { readonly reason?: string } = {},
): Promise<Answer<SubscriptionView>> => {
  const found = await findSubscription(deps, caller, id);
  if (!found) return notFound;
  const old = stale(found, expected);
  if (old) return old;
  const reason = plainReason(written);
  const paused = await changeState(deps, caller, found, {
    action: 'subscription-paused',
    ...(reason !== undefined && { reason }),
    decide: (state) => ({ state: pausedState(state, { by: caller.by, sinceMs: deps.clock.nowMs(), reason }) }),
  });
  return isRefusal(paused) ? paused : done(await viewFound(deps, found));
};

/** One that was pending still owes its answer to the challenge. */
export const pausedState = (
  state: SubscriptionState,
  { by, sinceMs, reason }: { readonly by: string; readonly sinceMs: number; readonly reason: string | undefined },
): SubscriptionState => {
  const isUnproven = state.hold?.kind === 'pending' || state.hold?.isUnproven === true;
  const hold: Hold = {
    kind: 'paused',
    by,
    sinceMs,
    ...(reason !== undefined && { reason }),
    ...(isUnproven && { isUnproven }),
  };
  return { ...state, hold };
};

/** Goes on at its cursor at once, whatever held it back; a pending one is sent its challenge again. */
export const resumeSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { expected }: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  const found = await findSubscription(deps, caller, id);
  if (!found) return notFound;
  const old = stale(found, expected);
  if (old) return old;
  const nowMs = deps.clock.nowMs();
  // With its credentials: what must answer is the whole URL.
  const whole = found.stored ? ((await deps.roster.get(id)) ?? found.subscription) : found.subscription;
  const resumed = await changeState(deps, caller, found, {
    action: 'subscription-resumed',
    decide: (state) => ({ state: resumedState(state, { subscription: whole, nowMs }), dueAtMs: nowMs }),
  });
  if (isRefusal(resumed)) return resumed;
  await wakeNow(deps, id, 'resumed');
  return done(await viewFound(deps, found));
};

export const resumedState = (
  { hold, health, ...state }: SubscriptionState,
  { subscription, nowMs }: Pick<Found, 'subscription'> & { readonly nowMs: number },
): SubscriptionState => {
  const isUnproven = hold?.kind === 'pending' || hold?.isUnproven === true;
  return {
    ...state,
    ...(isUnproven && { hold: hold.kind === 'pending' ? hold : pendingHold(subscription, nowMs) }),
    health: restedHealth(health),
  };
};

/** Nothing that failed before counts any more. */
export const restedHealth = ({ lastSuccessAtMs, deadLetterToldAtMs }: Health): Health => ({
  status: 'active',
  failures: 0,
  deadLettersInARow: 0,
  ...(lastSuccessAtMs !== undefined && { lastSuccessAtMs }),
  ...(deadLetterToldAtMs !== undefined && { deadLetterToldAtMs }),
});

const tokenBytes = 32;

/** A new webhook, or one with a new URL, must repeat a token that nobody can guess. */
export const pendingHold = (subscription: Found['subscription'], nowMs: number): Hold => {
  const { destination } = subscription;
  return {
    kind: 'pending',
    token: randomBytes(tokenBytes).toString('base64url'),
    sinceMs: nowMs,
    ...(destination.type === 'webhook' && { endpoint: endpointOf(destination.url) }),
  };
};
