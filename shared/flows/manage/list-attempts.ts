import type { Attempt } from '../../core/attempt.ts';
import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';

/** The newest first; kept for 30 days. */
export const listAttempts = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: PageOptions,
): Promise<Answer<Page<Attempt>>> => {
  throw new RetryLater('Not built yet.');
};
