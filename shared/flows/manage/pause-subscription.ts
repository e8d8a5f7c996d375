import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Expecting } from './change-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

/** Nothing is sent from now on, until it is resumed; nothing is lost meanwhile. Pausing what is paused changes the reason. */
export const pauseSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: Expecting & { readonly reason?: string } = {},
): Promise<Answer<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};

/** Goes on at its cursor at once, whatever held it back; a pending one is sent its challenge again. */
export const resumeSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};
