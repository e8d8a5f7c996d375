/**
 * Signed heads: how far the record had come at one moment. If the record is cut later, however cleanly, it contradicts the signed head.
 * Heads are written beside the journal under `heads/`, hourly and on demand; anybody who wants an independent witness keeps a copy.
 */
import type { Cursor } from './batch.ts';
import type { Instant } from './instant.ts';
import { canonicalText } from './segment.ts';

export interface Head {
  readonly version: 1;
  readonly source: string;
  /** ISO 8601, our clock. */
  readonly at: string;
  /** The newest segment: its number and the `hash` of its manifest. Number 0 and 64 zeros: nothing is journaled yet. */
  readonly journal: { readonly seq: number; readonly hash: string; readonly watermark: Instant };
  /** By id, ascending. */
  readonly subscriptions: readonly SubscriptionHead[];
}

/** How far a subscription's own chain of batches had come. */
export interface SubscriptionHead {
  readonly id: string;
  readonly tenant: string;
  readonly begin: Cursor;
  readonly cursor: Cursor;
  /** Batches delivered, and the chain hash after the last of them. */
  readonly sequence: number;
  readonly chain: string;
  readonly counts: { readonly delivered: number; readonly filtered: number; readonly deadLetters: number };
}

export interface Signature {
  /** Names the key in `/.well-known/sluice-keys.json`: its JWK thumbprint (RFC 7638). */
  readonly kid: string;
  /** Ed25519 (RFC 8032) over the canonical JSON (RFC 8785) of what is signed, base64url. */
  readonly signature: string;
}

export interface SignedHead extends Signature {
  readonly head: Head;
}

export const signedText = (value: object): string => canonicalText(value);

export const headPrefix = (source: string): string => `heads/${source}/`;

/** Names order by journal number, then by time: `heads/{source}/{seq, 12 digits}-{epoch ms, 13 digits}.json`. */
export const headName = ({ source, at, journal }: Head): string =>
  `${headPrefix(source)}${String(journal.seq).padStart(12, '0')}-${String(Date.parse(at)).padStart(13, '0')}.json`;

/** When the head of this name was signed, epoch ms. */
export const signedAtMs = (name: string): number => Number(name.slice(name.lastIndexOf('-') + 1, -'.json'.length));

/** Whether two heads differ in their time only. */
export const saysTheSame = (a: Head, b: Head): boolean =>
  canonicalText({ ...a, at: '' }) === canonicalText({ ...b, at: '' });
