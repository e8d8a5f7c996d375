/**
 * How far a subscription has come, and how it fares: one record per subscription, one write per batch. Under 1 KB for a webhook; up to 8 KB
 * where objects wait for their digest.
 */
import type { Cursor } from './batch.ts';
import type { DigestState } from './digest.ts';
import { canonicalText, noHash, sha256Hex } from './segment.ts';
import type { Subscription } from './subscription.ts';

export const subscriptionPartition = 'subscription';
export const deadLetterPartition = (subscription: string): string => `dead-letter/${subscription}`;

export interface SubscriptionState {
  /** Where it began, or was last told to begin: `counts` add up to what was journaled for it from here to the cursor. */
  readonly begin: Cursor;
  /** The next event to consider. */
  readonly cursor: Cursor;
  /** Batches delivered. */
  readonly sequence: number;
  /** Chain hash of the last delivered batch. */
  readonly chain: string;
  /** Of destinations that keep objects. */
  readonly digest?: DigestState;
  /** Events older than this are passed over: the subscription began at an instant. */
  readonly notBefore?: string;
  readonly claim?: Claim;
  /** Of a poll: id of the batch that was acknowledged last, so that an acknowledgement said twice is known. */
  readonly acknowledged?: string;
  /** At most this many events in the next batch: the last one was too large, or holds an event that is refused. */
  readonly narrowedTo?: number;
  /** Absent: deliveries go on. While it is there nothing is sent but the challenge of a `pending` one. */
  readonly hold?: Hold;
  readonly health: Health;
  readonly counts: { readonly delivered: number; readonly filtered: number; readonly deadLetters: number };
}

/** Why nothing is delivered although nothing failed; it ends by an answered challenge, or by `resume`. */
export type Hold =
  /** The endpoint has not answered the challenge yet. `token` is what it must repeat; tried again by the timetable of `health`. */
  | { readonly kind: 'pending'; readonly token: string; readonly sinceMs: number }
  /** Somebody said so: `by` is the id of an API key, or `operator`. */
  | { readonly kind: 'paused'; readonly by: string; readonly sinceMs: number; readonly reason?: string };

/** The right to send one batch, with its end fixed. */
export interface Claim {
  readonly id: string;
  readonly end: Cursor;
  /** Epoch ms. While it lasts nobody else sends; afterwards anybody may send the same batch again. */
  readonly until: number;
  /** Of a poll: what was handed out. It is what an acknowledgement is of, whatever has changed since. */
  readonly handed?: HandedOut;
}

export interface HandedOut {
  /** Of the body, hex. */
  readonly sha256: string;
  readonly bytes: number;
  readonly events: number;
  readonly filtered: number;
  /** When it was handed out first, epoch ms. */
  readonly atMs: number;
}

export interface Health {
  readonly status: 'active' | 'paused' | 'disabled';
  /** In a row. */
  readonly failures: number;
  readonly failingSinceMs?: number;
  readonly toldAtMs?: number;
  readonly retryAtMs?: number;
  readonly lastSuccessAtMs?: number;
  /** Of a poll: since when something has waited to be fetched and acknowledged, epoch ms. */
  readonly unfetchedSinceMs?: number;
  /** Dead letters since the last delivered batch. */
  readonly deadLettersInARow: number;
  readonly lastAnswer?: string;
}

export const freshState = (cursor: Cursor, notBefore?: string): SubscriptionState => ({
  begin: cursor,
  cursor,
  sequence: 0,
  chain: noHash,
  ...(notBefore !== undefined && { notBefore }),
  health: { status: 'active', failures: 0, deadLettersInARow: 0 },
  counts: { delivered: 0, filtered: 0, deadLetters: 0 },
});

/** What of a subscription decides the content of its batches; another revision never reuses an id. */
export const revisionOf = ({ tenant, filter, format }: Subscription): string =>
  sha256Hex(canonicalText({ tenant, filter: filter ?? null, format })).slice(0, 16);

/**
 * The id of a batch names its content: subscription, place in its chain, range of the journal, revision. Every retry, in this run or
 * after a crash, has the same id and the same bytes; a batch cut otherwise has another. No `.`: Standard Webhooks signs `id.time.body`.
 */
export const batchId = (of: {
  readonly subscription: Subscription;
  readonly sequence: number;
  readonly previous: string;
  readonly from: Cursor;
  readonly end: Cursor;
  /** `hash` of the last segment that the batch holds events of: positions alone would name other events in a journal that was cut and has grown again. */
  readonly record: string;
  readonly notBefore?: string;
}): string => {
  const { subscription, sequence, previous, from, end, record, notBefore = null } = of;
  const content = {
    subscription: subscription.id,
    revision: revisionOf(subscription),
    sequence,
    previous,
    from,
    end,
    record,
    notBefore,
  };
  return `msg_${Buffer.from(sha256Hex(canonicalText(content)), 'hex')
    .subarray(0, 18)
    .toString('base64url')}`;
};

/** The chain goes on over what was delivered: `SHA-256(previous, newline, SHA-256 of the content)`, all in hex. */
export const chainHash = (previous: string, contentSha256: string): string =>
  sha256Hex(`${previous}\n${contentSha256}`);
