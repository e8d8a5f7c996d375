import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Expecting } from './change-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';

/** From now on it is gone for everybody and nothing is sent any more; what is left of it is removed. */
export const deleteSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: Expecting = {},
): Promise<Answer<undefined>> => {
  throw new RetryLater('Not built yet.');
};
