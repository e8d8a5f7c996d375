/**
 * Digests are signed lists of the objects written to a folder or bucket. With them a reader can tell without us whether an object was
 * changed, removed or added. Each digest names the digest before it by its hash, and carries the subscription's chain from object to
 * object.
 */
import type { Signature } from './head.ts';
import { tenantInName } from './object-name.ts';
import { canonicalText, noHash, sha256Hex } from './segment.ts';
import type { Subscription } from './subscription.ts';

/** One object of a subscription, which holds one batch. */
export interface DigestObject {
  /** Sequence of its batch in the subscription's chain. */
  readonly sequence: number;
  /** Its name below the destination's folder or prefix. */
  readonly object: string;
  /** SHA-256 of its bytes as they are stored, compressed, hex. */
  readonly sha256: string;
  readonly events: number;
  /** The chain hash after this object: SHA-256 of the chain hash before, a newline and the SHA-256 of the unpacked object, all in hex. */
  readonly chain: string;
}

export interface Digest {
  readonly version: 1;
  readonly subscription: string;
  readonly tenant: string;
  /** Counts the digests of a chain of digests, from 1. */
  readonly sequence: number;
  /** SHA-256 over the canonical JSON of the digest before, hex; 64 zeros before the first. */
  readonly previous: string;
  /** When the first object had been delivered, and when the digest was closed, ISO 8601, our clock. */
  readonly from: string;
  readonly to: string;
  /** The chain hash before the first object. */
  readonly chain: string;
  /** At least one, in the order they were delivered. */
  readonly objects: readonly DigestObject[];
}

/** What is kept as a digest object: canonical JSON of this. */
export interface SignedDigest extends Signature {
  readonly digest: Digest;
}

/** The objects of a subscription that are in no digest yet. Part of the subscription's state, changed in the same write as its cursor. */
export interface DigestState {
  /** Where the objects lie (the destination's description). For another place another chain of digests begins. */
  readonly place: string;
  /** How many digests were written there, and the hash of the last. */
  readonly sequence: number;
  readonly previous: string;
  /** The chain hash before the first of `objects`. */
  readonly chain: string;
  readonly objects: readonly DigestObject[];
  /** When the first of `objects` was delivered, epoch ms. */
  readonly sinceMs: number;
  /** When the digest was closed. From then on exactly these objects make the next digest, so that every attempt to write it makes the same. */
  readonly closedAtMs?: number;
}

/** Whether a stored value is a DigestState. */
export const isDigestState = (value: unknown): value is DigestState => {
  const state = (typeof value === 'object' && value !== null ? value : {}) as Partial<DigestState>;
  const hashes = [state.previous, state.chain];
  return (
    typeof state.place === 'string' &&
    [state.sequence, state.sinceMs, state.closedAtMs ?? 0].every(Number.isSafeInteger) &&
    Array.isArray(state.objects) &&
    state.objects.every((each) => {
      const { sequence, object, sha256, events, chain } = (each ?? {}) as Partial<DigestObject>;
      hashes.push(sha256, chain);
      return typeof object === 'string' && [sequence, events].every(Number.isSafeInteger);
    }) &&
    hashes.every((hash) => typeof hash === 'string' && /^[0-9a-f]{64}$/.test(hash))
  );
};

/** The result of writing a digest. */
export type DigestOutcome =
  | { readonly kind: 'written'; readonly answer: string }
  | { readonly kind: 'retry'; readonly answer: string }
  | { readonly kind: 'misconfigured'; readonly answer: string };

/**
 * Objects of one digest at most. Each takes 300 bytes of a state that is written with every batch, so 7 KB at most; where much is
 * delivered, digests are written more often than hourly.
 */
export const mostDigestObjects = 24;
const longestOpenMs = 3_600_000;

/**
 * The state after an object was delivered. The digest is closed when it is full or an hour old.
 * @param given.previous Chain hash before this object. If it differs from the hash after the previous object, something was delivered
 *   another way in between, so a new digest chain starts.
 */
export const withObject = (
  digest: DigestState | undefined,
  given: { readonly place: string; readonly previous: string; readonly object: DigestObject; readonly nowMs: number },
): DigestState => {
  const { place, previous, object, nowMs } = given;
  const follows = digest?.place === place && previous === (digest.objects.at(-1)?.chain ?? digest.chain);
  const before = follows
    ? digest
    : { place, sequence: 0, previous: noHash, chain: previous, objects: [], sinceMs: nowMs };
  const objects = [...before.objects, object];
  const sinceMs = before.objects.length === 0 ? nowMs : before.sinceMs;
  const open = { ...before, objects, sinceMs };
  const isOver = objects.length >= mostDigestObjects || nowMs - sinceMs >= longestOpenMs;
  return isOver ? closedDigest(open, nowMs) : open;
};

/** When the next digest is to be written, epoch ms; `undefined` when there is nothing to attest. */
export const digestDueAtMs = ({ objects, sinceMs, closedAtMs }: DigestState): number | undefined =>
  objects.length === 0 ? undefined : (closedAtMs ?? sinceMs + longestOpenMs);

export const closedDigest = (digest: DigestState, nowMs: number): DigestState => ({ ...digest, closedAtMs: nowMs });

/** The digest that a closed state stands for: it follows from the state alone, so every attempt makes the same. */
export const digestOf = (
  { id, tenant }: Pick<Subscription, 'id' | 'tenant'>,
  { sequence, previous, chain, objects, sinceMs, closedAtMs = sinceMs }: DigestState,
): Digest => ({
  version: 1,
  subscription: id,
  tenant,
  sequence: sequence + 1,
  previous,
  from: new Date(sinceMs).toISOString(),
  to: new Date(closedAtMs).toISOString(),
  chain,
  objects,
});

export const digestHash = (digest: Digest): string => sha256Hex(canonicalText(digest));

/** The state after `digest` was written. */
export const withoutObjects = ({ place, chain, sinceMs }: DigestState, digest: Digest): DigestState => ({
  place,
  sequence: digest.sequence,
  previous: digestHash(digest),
  chain: digest.objects.at(-1)?.chain ?? chain,
  objects: [],
  sinceMs,
});

/** Beside the objects, so that access to digests can be given apart from access to events. */
export const digestPrefix = 'digests/';

/**
 * `digests/tenant={t}/subscription={id}/dt=YYYY-MM-DD/{to}_{sequence}_{hash8}.json`, in UTC, below the destination's prefix; `to` without
 * `:`, `sequence` with 10 digits, `hash8` of the digest, so that no two share a name.
 */
export const digestName = (digest: Digest): string => {
  const { tenant, subscription, to, sequence } = digest;
  const folder = `${digestPrefix}tenant=${tenantInName(tenant)}/subscription=${subscription}/dt=${to.slice(0, 10)}`;
  const number = String(sequence).padStart(10, '0');
  return `${folder}/${to.replaceAll(':', '')}_${number}_${digestHash(digest).slice(0, 8)}.json`;
};
