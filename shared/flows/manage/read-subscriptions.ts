import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** For `after` of the next page; absent: this is the last. */
  readonly next?: string;
}

export interface PageOptions {
  /** `next` of the page before. */
  readonly after?: string;
  /** 1 to 100. */
  readonly limit: number;
}

export const readSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
): Promise<Answer<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};

/** By id. An operator's are everybody's, or those of one tenant. */
export const listSubscriptions = async (
  _deps: ManageDeps,
  _caller: Caller,
  _options: PageOptions & { readonly tenant?: string },
): Promise<Page<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};
