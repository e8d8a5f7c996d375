/**
 * How far a subscription has come, and how it fares: one record per subscription, one write per batch. Under 1 KB for a webhook; up to 8 KB
 * where objects wait for their digest.
 */
import type { Cursor } from './batch.ts';
import type { DeadLetter } from './dead-letter.ts';
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
  /** `endpointOf` the URL that answered a challenge last. Absent: none was asked, or before this was recorded. */
  readonly proven?: string;
  readonly health: Health;
  readonly counts: { readonly delivered: number; readonly filtered: number; readonly deadLetters: number };
  /**
   * `counts` hold it, and its record is yet to be written: one write counts the letter and says what is in it, so that no letter is of an event
   * that was accepted after all.
   */
  readonly deadLetter?: DeadLetter;
  /** Events that are sent once more, after which it goes on where it was. */
  readonly replay?: Replay;
  /** How often it was told to begin anew: names the account that `counts` are of. Absent: never. */
  readonly account?: number;
  /** `settingsOf` the subscription as it was changed last: who delivers with others has read it before. Absent: it was never changed. */
  readonly settings?: string;
  /** The change that somebody made last, see `auditedWrite`. */
  readonly lastChange?: string;
}

/** A range of the journal that was passed already, to be sent once more in batches of their own. */
export interface Replay {
  readonly from: Cursor;
  /** Exclusive; never beyond where it was. */
  readonly until: Cursor;
  /** Of the events there: not those older than the one, not those of the other or later, and none without a time when there is the other. */
  readonly notBefore?: string;
  readonly notAfter?: string;
  /** The dead letter that is sent again, and whether `counts` hold it. */
  readonly letter?: { readonly id: string; readonly isCounted: boolean };
  /** What it goes on with afterwards. Absent: it has not begun, because a batch under way must come to its end first. */
  readonly resume?: Resume;
}

export type Resume = Pick<SubscriptionState, 'begin' | 'cursor' | 'counts' | 'notBefore'>;

/** Why nothing is delivered although nothing failed; it ends by an answered challenge, or by `resume`. */
export type Hold =
  /** The endpoint has not answered the challenge yet. `token` is what it must repeat; tried again by the timetable of `health`. */
  | {
      readonly kind: 'pending';
      readonly token: string;
      readonly sinceMs: number;
      /** `endpointOf` the URL that must answer: the answer of the one before it proves nothing. Absent: whichever it is. */
      readonly endpoint?: string;
    }
  /** Somebody said so: `by` is the id of an API key, or `operator`. */
  | {
      readonly kind: 'paused';
      readonly by: string;
      readonly sinceMs: number;
      readonly reason?: string;
      /** Its endpoint has not answered a challenge: once resumed it is `pending`. */
      readonly isUnproven?: true;
      /** The management API holds it while its URL changes; the challenge of the new URL replaces this hold. */
      readonly forChange?: true;
    };

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
  /** When the operator was last told of this row of failures, and when that it is about to be disabled. */
  readonly toldAtMs?: number;
  readonly warnedAtMs?: number;
  /** When the operator was last told of a dead letter by alert; it outlives successes. */
  readonly deadLetterToldAtMs?: number;
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

/** The state once everything up to `end` was looked at and nothing of it is wanted: nothing waits. */
export const passedOver = (state: SubscriptionState, end: Cursor, filtered: number): SubscriptionState => {
  const { claim: _, health, counts, ...rest } = state;
  const { unfetchedSinceMs: __, retryAtMs: ___, ...calm } = health;
  return { ...rest, cursor: end, health: calm, counts: { ...counts, filtered: counts.filtered + filtered } };
};

/** What of a subscription decides the content of its batches; another revision never reuses an id. */
export const revisionOf = ({ tenant, filter, format, fields, personalData }: Subscription): string =>
  sha256Hex(
    canonicalText({
      tenant,
      filter: filter ?? null,
      format,
      ...(fields && { fields }),
      ...(personalData && { personalData }),
    }),
  ).slice(0, 16);

/** What of a subscription decides what is sent, and where to. */
export const settingsOf = ({
  filter,
  format,
  fields,
  personalData,
  destination,
}: Pick<Subscription, 'filter' | 'format' | 'fields' | 'personalData' | 'destination'>): string =>
  sha256Hex(
    canonicalText({
      destination,
      format,
      filter: filter ?? null,
      fields: fields ?? null,
      personalData: personalData ?? null,
    }),
  ).slice(0, 16);

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
  readonly notAfter?: string;
}): string => {
  const { subscription, sequence, previous, from, end, record, notBefore = null, notAfter } = of;
  const content = {
    subscription: subscription.id,
    revision: revisionOf(subscription),
    sequence,
    previous,
    from,
    end,
    record,
    notBefore,
    ...(notAfter !== undefined && { notAfter }),
  };
  return `msg_${Buffer.from(sha256Hex(canonicalText(content)), 'hex')
    .subarray(0, 18)
    .toString('base64url')}`;
};

/** The chain goes on over what was delivered: `SHA-256(previous, newline, SHA-256 of the content)`, all in hex. */
export const chainHash = (previous: string, contentSha256: string): string =>
  sha256Hex(`${previous}\n${contentSha256}`);
