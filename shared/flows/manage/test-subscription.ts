import type { Outcome, Response } from '../../core/batch.ts';
import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';

/** What a test message came to. */
export interface TestResult {
  readonly kind: Outcome['kind'];
  /** What the other side said, for people. */
  readonly answer: string;
  readonly response?: Response;
  readonly durationMs: number;
}

/**
 * Sends a signed example event; it has no place in the chain. One at a time and ten a minute for each subscription.
 * @returns `refused` `not now`; `wrong state`: it is pending, or nothing is ever sent to it (poll)
 */
export const testSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: { readonly signal?: AbortSignal } = {},
): Promise<Answer<TestResult>> => {
  throw new RetryLater('Not built yet.');
};
