import { pausedState, resumedState } from '../../core/hold.ts';
import { newChallengeToken } from '../deliver/challenge.ts';
import { type Answer, done, isRefusal } from './answer.ts';
import type { Caller } from './caller.ts';
import { changeState } from './change-state.ts';
import { type Expecting, findExpected } from './find-expected.ts';
import { headByCheckpoint } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { plainReason } from './plain-reason.ts';
import { type SubscriptionView, viewOf } from './subscription-view.ts';
import { wakeNow } from './wake-now.ts';

/** Nothing is sent from now on, until it is resumed; nothing is lost meanwhile. Pausing what is paused changes the reason. */
export const pauseSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { expected, reason: written }: Expecting & { readonly reason?: string } = {},
): Promise<Answer<SubscriptionView>> => {
  const found = await findExpected(deps, caller, id, expected);
  if (isRefusal(found)) return found;
  const reason = plainReason(written);
  const head = await headByCheckpoint(deps);
  const paused = await changeState(deps, caller, found, {
    action: 'subscription-paused',
    ...(reason !== undefined && { reason }),
    decide: (state) => ({ state: pausedState(state, { by: caller.by, sinceMs: deps.clock.nowMs(), reason }) }),
  });
  return isRefusal(paused) ? paused : done(viewOf(found, paused, head));
};

/** Goes on at its cursor at once, whatever held it back; a pending one is sent its challenge again. */
export const resumeSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { expected }: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  const found = await findExpected(deps, caller, id, expected);
  if (isRefusal(found)) return found;
  const nowMs = deps.clock.nowMs();
  // With its credentials: what must answer is the whole URL.
  const subscription = found.stored ? ((await deps.roster.get(id)) ?? found.subscription) : found.subscription;
  const asked = { subscription, token: newChallengeToken(), nowMs };
  const head = await headByCheckpoint(deps);
  const resumed = await changeState(deps, caller, found, {
    action: 'subscription-resumed',
    decide: (state) => ({ state: resumedState(state, asked), dueAtMs: nowMs }),
  });
  if (isRefusal(resumed)) return resumed;
  await wakeNow(deps, id, 'resumed');
  return done(viewOf(found, resumed, head));
};
