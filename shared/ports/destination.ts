import type { Batch, Outcome } from '../core/batch.ts';
import type { Digest, DigestOutcome } from '../core/digest.ts';
import type { Probe } from '../core/probe.ts';

/**
 * Where a subscription's batches go. Made for one subscription.
 *
 * The deliver flow calls `send` with a batch whose content is fixed, and calls it again with the same batch until the outcome is
 * `delivered`: the same batch must make the same request (same id, same bytes).
 */
export interface Destination {
  /** For messages, without path or secret: `https://hooks.acme.example`. */
  readonly description: string;
  /** Bytes and events one request may hold; smaller than what the subscription asks for wins. */
  readonly limits: { readonly maxEvents: number; readonly maxBytes: number };
  /** One attempt. Never throws for what the other side does: every answer, timeout or reset is an outcome. */
  send(batch: Batch, attempt: { readonly number: number; readonly signal?: AbortSignal }): Promise<Outcome>;
  /**
   * Only of destinations that keep objects, whose `delivered` then says what is `stored`: signs a digest and puts it beside them. Called
   * with the same digest until it is `written`; the same digest is one object, whoever signed it first. Never throws, as `send`.
   */
  attest?(digest: Digest): Promise<DigestOutcome>;
  /**
   * One message that is no batch: a challenge or a test. A challenge is `delivered` only when the answer repeats its token, otherwise it is
   * `retry` or what else the answer says. Never throws, as `send`. Absent where nothing is sent (poll).
   */
  probe?(probe: Probe, attempt: { readonly number: number; readonly signal?: AbortSignal }): Promise<Outcome>;
  /** Lets go of idle connections; a request under way goes on. Whoever calls it uses the destination no more. */
  close?(): void;
}
