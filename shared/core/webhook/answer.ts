/**
 * What a webhook's answer means for its batch.
 *
 * | answer | outcome |
 * | --- | --- |
 * | 2xx | `delivered`: all events, whatever the body says |
 * | 400, 422 | `poison`: one of the events may be what it cannot take |
 * | 410 | `gone` |
 * | 413 | `too large` |
 * | 429, 502, 503, 504 | `throttled`, by `Retry-After` where there is one |
 * | 408, 409, 425, other 5xx, anything outside 200 to 599 | `retry` |
 * | 3xx (never followed), other 4xx such as 401, 403, 404 | `retry`, from the 4th attempt `misconfigured` |
 * | no answer: deadline, reset, refused connection, temporary look-up failure, unreadable answer | `retry` |
 * | no answer: unknown host name, certificate not trusted, expired or for another name | `retry`, from the 4th attempt `misconfigured` |
 * | the address or URL is refused by our own rules | `misconfigured` |
 *
 * The first three attempts of what looks misconfigured are retries, because deployments and certificate renewals pass through such
 * states; the operator hears of the 4th failure anyway.
 *
 * @see Standard Webhooks 1.0.0, "Status codes": 2xx alone is success, 410 disables, 429, 502 and 504 throttle
 */
import type { Outcome } from '../batch.ts';
import { retryAfterMs } from './retry-after.ts';

/** For this many attempts an answer that looks misconfigured counts as temporary. */
const patience = 3;

export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfter?: string;
  /** For people: see `shownAnswer`. */
  readonly text: string;
}

export interface AttemptFacts {
  /** Of this batch, from 1. */
  readonly number: number;
  readonly nowMs: number;
  /** Of the body that was sent. */
  readonly contentSha256: string;
}

export const classifyWebhookAnswer = (answer: WebhookAnswer, attempt: AttemptFacts): Outcome => {
  const { status, text } = answer;
  const { contentSha256 } = attempt;
  if (status >= 200 && status <= 299) return { kind: 'delivered', answer: text, contentSha256 };
  switch (status) {
    case 400:
    case 422:
      return { kind: 'poison', answer: text };
    case 410:
      return { kind: 'gone', answer: text };
    case 413:
      return { kind: 'too large', answer: text };
    case 429:
    case 502:
    case 503:
    case 504: {
      const askedMs = retryAfterMs(answer.retryAfter, attempt.nowMs);
      return { kind: 'throttled', answer: text, ...(askedMs !== undefined && { retryAfterMs: askedMs }) };
    }
    case 408:
    case 409:
    case 425:
      return { kind: 'retry', answer: text };
    default:
      if (status >= 300 && status <= 399) return misconfiguredInTime(`${text} (redirects are not followed)`, attempt);
      return status >= 400 && status <= 499 ? misconfiguredInTime(text, attempt) : { kind: 'retry', answer: text };
  }
};

/** Why there was no answer. */
export type ExchangeFailure =
  | 'deadline passed'
  /** No connection could be made: refused, no route, no TLS, the resolver does not answer. */
  | 'unreachable'
  /** The receiver reset or closed the connection without an answer. */
  | 'connection lost'
  | 'answer unreadable'
  | 'stopped'
  | 'unknown host'
  | 'certificate'
  | 'target refused';

export const classifyWebhookFailure = (
  failure: ExchangeFailure,
  text: string,
  attempt: Pick<AttemptFacts, 'number'>,
): Outcome => {
  switch (failure) {
    case 'deadline passed':
    case 'stopped':
      return { kind: 'retry', answer: text };
    case 'unreachable':
    case 'connection lost':
      return { kind: 'retry', answer: `The connection failed: ${text}` };
    case 'answer unreadable':
      return { kind: 'retry', answer: `The answer is no HTTP we can read: ${text}` };
    case 'unknown host':
      return misconfiguredInTime(`The host name is not known: ${text}. Check the URL.`, attempt);
    case 'certificate':
      return misconfiguredInTime(
        `The certificate is not accepted: ${text}. Renew it, or trust its authority with NODE_EXTRA_CA_CERTS.`,
        attempt,
      );
    case 'target refused':
      return { kind: 'misconfigured', answer: text };
    default:
      return failure satisfies never;
  }
};

const misconfiguredInTime = (text: string, { number }: Pick<AttemptFacts, 'number'>): Outcome => ({
  kind: number > patience ? 'misconfigured' : 'retry',
  answer: text,
});
