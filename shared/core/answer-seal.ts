/** Answers that are kept for a repetition of their request; they may hold a secret that is shown once. */
import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';

export const nonceBytes = 12;
const tagBytes = 16;

/**
 * AES-256-GCM under a key that is used for nothing else, bound to tenant and record; base64url.
 * @param nonce `nonceBytes` of chance, never used before
 * @see NIST SP 800-38D, RFC 5869
 */
export const sealAnswer = (rootKey: string, bound: Bound, answer: unknown, nonce: Uint8Array): string => {
  const cipher = createCipheriv('aes-256-gcm', keyFrom(rootKey), nonce).setAAD(aadOf(bound));
  const sealed = Buffer.concat([cipher.update(JSON.stringify(answer)), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
};

/** @returns `undefined` when it was sealed under another root key, for another tenant or record, or was altered */
export const openAnswer = (rootKey: string, bound: Bound, text: string): unknown => {
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length < nonceBytes + tagBytes) return undefined;
  const nonce = bytes.subarray(0, nonceBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyFrom(rootKey), nonce, { authTagLength: tagBytes })
    .setAAD(aadOf(bound))
    .setAuthTag(bytes.subarray(-tagBytes));
  const start = decipher.update(bytes.subarray(nonceBytes, -tagBytes));
  try {
    return JSON.parse(Buffer.concat([start, decipher.final()]).toString());
  } catch {
    // The tag does not match. The reason is not told.
    return undefined;
  }
};

export interface Bound {
  readonly tenant: string;
  readonly id: string;
}

const keyFrom = (rootKey: string): Buffer => Buffer.from(hkdfSync('sha256', rootKey, '', 'sluice/answers/1', 32));

const aadOf = ({ tenant, id }: Bound): Buffer => Buffer.from(`${tenant.length}:${tenant}:${id}`);
