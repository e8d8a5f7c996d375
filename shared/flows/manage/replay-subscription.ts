import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Expecting } from './change-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface ReplayRange {
  /** An instant (ISO 8601, UTC): events dated from then on; or the number of a segment. */
  readonly from: string | number;
  /** Exclusive, of the same kind as `from`; absent: everything from there on, the cursor is set back. With it, it then goes on where it was. */
  readonly to?: string | number;
}

/**
 * Sends events once more, in batches of new ids.
 * @returns `refused` `not in the journal`: older than what is kept, and what is; `wrong state`: a bounded one is under way already
 * @throws BadBody
 */
export const replaySubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _range: ReplayRange,
  _options: Expecting = {},
): Promise<Answer<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};
