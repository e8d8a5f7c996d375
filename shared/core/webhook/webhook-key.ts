/**
 * Standard Webhooks 1.0.0, asymmetric scheme: `v1a,` and the base64 of an Ed25519 signature (RFC 8032) over `{id}.{timestamp}.{body}`. A
 * receiver needs no secret to verify it. The libraries of the standard know only `v1` and skip such a signature.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
import { createPublicKey, hkdfSync, sign } from 'node:crypto';
import { privateKeyFrom } from '../signing-key.ts';
import { requireRootKey } from './signature.ts';

export interface WebhookKey {
  /** `whpk_` and the base64 of the key's 32 bytes: the form that a receiver is given. */
  readonly publicKey: string;
  /** Base64. The same bytes give the same signature for ever. */
  sign(bytes: Uint8Array): string;
}

const prefix = 'whpk_';
const seedBytes = 32;

/**
 * The key pair of one subscription: HKDF-SHA256 (RFC 5869) of the root key's text, no salt. Nothing is stored; another root key, id or
 * version gives another pair.
 * @throws OperatorMustFix when the root key is shorter than 32 characters
 */
export const subscriptionKey = (rootKey: string, subscriptionId: string, version = 1): WebhookKey => {
  requireRootKey(rootKey);
  const info = `sluice/webhook-key/${version}/${subscriptionId}`;
  const privateKey = privateKeyFrom(new Uint8Array(hkdfSync('sha256', rootKey, '', info, seedBytes)));
  const { x = '' } = createPublicKey(privateKey).export({ format: 'jwk' });
  return {
    publicKey: prefix + Buffer.from(x, 'base64url').toString('base64'),
    sign: (bytes) => sign(null, bytes, privateKey).toString('base64'),
  };
};
