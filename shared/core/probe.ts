/**
 * A signed message that is no batch. Its body has the form of every other: `{ "type", "timestamp", "data": { "subscription", … } }`.
 *
 * - `challenge` (`closer.security.challenge`, `data.challenge` is the token): the owner of the endpoint proves the ownership by repeating
 *   the token, as the whole answer or as `{ "challenge": "…" }`. Until then nothing else is sent there.
 * - `test` (`closer.security.test`, `data.events` holds one made-up event): any 2xx accepts it. It is no part of the chain.
 */
export interface Probe {
  readonly kind: 'challenge' | 'test';
  /** `webhook-id`: `msg_` and text without a dot. */
  readonly id: string;
  readonly subscription: string;
  /** The token of a challenge: 32 to 64 URL-safe characters. */
  readonly token?: string;
  /** ISO 8601. */
  readonly at: string;
}
