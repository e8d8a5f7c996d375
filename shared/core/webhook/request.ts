/** A message as a complete webhook request: a value, sent by `webhook-destination.ts`. */

import type { Target } from '../address/target.ts';
import { signWebhook } from './signature.ts';
import type { WebhookKey } from './webhook-key.ts';

export interface WebhookRequest {
  readonly method: 'POST';
  readonly target: Target;
  /** Lower-case names. The sender adds `host`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

export interface WebhookParts {
  readonly target: Target;
  /** `webhook-id`: names these bytes and no others. */
  readonly id: string;
  readonly body: Uint8Array;
  /** The compressed body, if it is sent compressed; the signature is over the uncompressed bytes. */
  readonly gzipped?: Uint8Array;
  /** The subscription's own headers. Headers that `headerMistakes` refuses never get here, and could not replace ours. */
  readonly headers: Readonly<Record<string, string>>;
  /** The current secret, then the one before while a rotation lasts. */
  readonly secrets: readonly string[];
  /** Key pairs of `v1a`, in the same order. */
  readonly keys?: readonly WebhookKey[];
  /** Of this attempt. */
  readonly nowMs: number;
}

/** Equal parts make an equal request; between two attempts only `webhook-timestamp` and `webhook-signature` differ. */
export const webhookRequest = (parts: WebhookParts): WebhookRequest => {
  const { target, id, body, gzipped, headers, secrets, keys = [], nowMs } = parts;
  const sent = gzipped ?? body;
  const timestampSeconds = Math.floor(nowMs / 1000);
  return {
    method: 'POST',
    target,
    headers: {
      ...lowerCased(headers),
      'user-agent': 'Sluice',
      'content-type': 'application/json',
      ...(gzipped && { 'content-encoding': 'gzip' }),
      'content-length': String(sent.length),
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signWebhook({ id, timestampSeconds, body, secrets, keys }),
    },
    body: sent,
  };
};

const lowerCased = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
