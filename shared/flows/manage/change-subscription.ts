import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface Expecting {
  /** The version that the caller has seen; absent: whichever it is. */
  readonly expected?: number;
}

/**
 * Changes what a JSON merge patch (RFC 7396) names of what was written. A webhook whose URL changes must answer a challenge again.
 * @returns `refused` `kept in the file`
 * @throws BadBody with every mistake: `id`, `tenant`, `start`, the type of the destination and its `externalId` do not change
 */
export const changeSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _patch: unknown,
  _options: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};
