import type { Cursor } from './batch.ts';

/** An event that a destination can never accept: the journal keeps it, this says which and why. */
export interface DeadLetter {
  /** `event.id`. */
  readonly event: string;
  /**
   * Between these two cursors of its subscription the journal holds it, and nothing else; `to` is exclusive. In older letters events that the
   * filter did not want may lie there too, or both are absent.
   */
  readonly from?: Cursor;
  readonly to?: Cursor;
  /** Of the batch that held it: the id of the letter. */
  readonly batch: string;
  /** The account (`SubscriptionState.account`) whose `counts` hold it; absent: it was refused while it was sent once more, and counted before. */
  readonly account?: number;
  /** What the destination said, masked. */
  readonly answer: string;
  /** ISO 8601. */
  readonly at: string;
}
