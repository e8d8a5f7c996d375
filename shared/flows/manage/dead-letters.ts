import { RetryLater } from '../../core/errors.ts';
import type { EcsEvent } from '../../core/event.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';
import type { SubscriptionView } from './subscription-view.ts';

/** An event that the destination can never accept, by what it said. */
export interface DeadLetterView {
  /** Of the letter, in the order of the journal. */
  readonly id: string;
  /** `event.id`. */
  readonly event: string;
  /** `webhook-id` of the batch that held it. */
  readonly batch: string;
  readonly answer: string;
  /** ISO 8601. */
  readonly at: string;
}

export interface OpenedDeadLetter extends DeadLetterView {
  /** As the journal keeps it, whole; absent once the journal's retention has passed. */
  readonly content?: EcsEvent;
}

export const listDeadLetters = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: PageOptions,
): Promise<Answer<Page<DeadLetterView>>> => {
  throw new RetryLater('Not built yet.');
};

export const readDeadLetter = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _letter: string,
): Promise<Answer<OpenedDeadLetter>> => {
  throw new RetryLater('Not built yet.');
};

/** The event is sent as a batch of its own, next; once it is accepted the letter is gone. */
export const retryDeadLetter = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _letter: string,
): Promise<Answer<SubscriptionView>> => {
  throw new RetryLater('Not built yet.');
};

/** Nobody will send it; the journal keeps it, and the audit journal says who gave it up, and why. */
export const discardDeadLetter = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _letter: string,
  _options: { readonly reason: string },
): Promise<Answer<undefined>> => {
  throw new RetryLater('Not built yet.');
};
