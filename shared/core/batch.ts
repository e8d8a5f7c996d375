/** The events of one request or object, and what became of it. */

/** Position of the next event to consider: `index` counts the events of the subscription's tenant within the segment. */
export interface Cursor {
  readonly segment: number;
  readonly index: number;
}

export interface Batch {
  /** `webhook-id`: names this content and no other. */
  readonly id: string;
  readonly subscription: string;
  readonly tenant: string;
  /** Counts the batches of a subscription, from 1. */
  readonly sequence: number;
  /** Chain hash of the batch before, 64 hex digits; 64 zeros before the first. */
  readonly previous: string;
  /** One JSON text per event as it travels (see `Form`), one line each, in journal order; at least one. */
  readonly lines: readonly Uint8Array[];
  /** When the last event's segment was committed, ISO 8601: part of the content, so the same on every attempt. */
  readonly committedAt: string;
  /** `@timestamp` of the first event that has one. */
  readonly firstTime?: string;
}

/** Where a batch lies that was written as an object. */
export interface StoredObject {
  /** The destination's description. */
  readonly place: string;
  /** Below its folder or prefix. */
  readonly name: string;
  /** Of the bytes as they are stored, hex. */
  readonly sha256: string;
}

/** The other side's answer as the log of attempts keeps it. */
export interface Response {
  /** Of HTTP; absent when there was no answer. */
  readonly status?: number;
  /** The first 16 KiB of the answer as text, secrets masked; absent when there was none. */
  readonly body?: string;
  /** The receiver's id of the request, if it sent one: `x-request-id`, `x-amz-request-id`. */
  readonly requestId?: string;
}

/** The result of one attempt. `answer` is the receiver's answer, cut and masked, fit for people. */
export type Outcome = OutcomeKind & { readonly response?: Response };

type OutcomeKind =
  /**
   * `contentSha256`: SHA-256 of the bytes that the receiver keeps (webhook body, unpacked object), hex; the chain goes on from it.
   * `stored`: the object, to be named in a digest.
   */
  | {
      readonly kind: 'delivered';
      readonly answer: string;
      readonly contentSha256: string;
      readonly stored?: StoredObject;
    }
  /** The receiver may recover: try again by the timetable. */
  | { readonly kind: 'retry'; readonly answer: string }
  /** The receiver asked for time. */
  | { readonly kind: 'throttled'; readonly answer: string; readonly retryAfterMs?: number }
  /** The receiver's settings or ours are wrong: pause, alert, keep the cursor. */
  | { readonly kind: 'misconfigured'; readonly answer: string }
  /** The receiver wants no more batches, ever (410). */
  | { readonly kind: 'gone'; readonly answer: string }
  /** Halve the batch. */
  | { readonly kind: 'too large'; readonly answer: string }
  /** The receiver can never accept one of these events: bisect. */
  | { readonly kind: 'poison'; readonly answer: string };
