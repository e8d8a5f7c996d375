/**
 * Standard Webhooks 1.0.0. Symmetric scheme: `v1,` and the base64 of HMAC-SHA256 over `{id}.{timestamp}.{body}`.
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md#signature-scheme
 */
import { createHmac, hkdfSync } from 'node:crypto';
import { OperatorMustFix } from '../errors.ts';

const prefix = 'whsec_';
const secretBytes = 32;
const shortestRootKey = 32;

/**
 * The signing secret of one subscription, `whsec_` and the base64 of 32 bytes: HKDF-SHA256 (RFC 5869) of the root key's text, no salt.
 * Nothing is stored per subscription; another root key, id or version gives another secret.
 * @param version raised to change the secret of this subscription alone
 * @throws OperatorMustFix when the root key is shorter than 32 characters
 */
export const subscriptionSecret = (rootKey: string, subscriptionId: string, version = 1): string => {
  requireRootKey(rootKey);
  const info = `sluice/webhook-secret/${version}/${subscriptionId}`;
  return prefix + Buffer.from(hkdfSync('sha256', rootKey, '', info, secretBytes)).toString('base64');
};

/** @throws OperatorMustFix when the key is short enough to be guessed */
export const requireRootKey = (rootKey: string): void => {
  if (rootKey.length < shortestRootKey)
    throw new OperatorMustFix(
      `The secret rootKey must have at least ${shortestRootKey} characters; it has ${rootKey.length}. Make one with: openssl rand -base64 32`,
    );
};

export interface Signing {
  /** `webhook-id`; without a dot, so that no part of the signed content can pass for another. */
  readonly id: string;
  /** Time of the attempt, not of the event. */
  readonly timestampSeconds: number;
  readonly body: Uint8Array;
  /** Secrets of 24 to 64 bytes in base64, with or without `whsec_`; the current one first. At least one. */
  readonly secrets: readonly string[];
  /** Key pairs of the asymmetric scheme: see `webhook-key.ts`. */
  readonly keys?: readonly { sign(bytes: Uint8Array): string }[];
}

/** The value of `webhook-signature`: one signature per secret, then one per key, in their order, separated by a space. */
export const signWebhook = ({ id, timestampSeconds, body, secrets, keys = [] }: Signing): string => {
  if (id === '' || id.includes('.')) throw new Error(`A webhook-id must not be empty or hold a dot; got "${id}".`);
  if (secrets.length === 0) throw new Error('A webhook needs at least one secret to be signed with.');
  const signed = `${id}.${timestampSeconds}.`;
  const symmetric = secrets.map(
    (secret) => `v1,${createHmac('sha256', keyOf(secret)).update(signed).update(body).digest('base64')}`,
  );
  // Ed25519 takes its message whole.
  const message = keys.length === 0 ? body : Buffer.concat([Buffer.from(signed), body]);
  return [...symmetric, ...keys.map((key) => `v1a,${key.sign(message)}`)].join(' ');
};

const keyOf = (secret: string): Buffer =>
  Buffer.from(secret.startsWith(prefix) ? secret.slice(prefix.length) : secret, 'base64');
