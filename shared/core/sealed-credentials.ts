/** Credentials of a destination as they are stored: AES-256-GCM under a key derived from the root key, bound to tenant and subscription. */
import { createCipheriv, createDecipheriv, hkdfSync, timingSafeEqual } from 'node:crypto';
import { OperatorMustFix } from './errors.ts';

/** The credentials of a webhook: the path of its URL often is one, the values of its headers usually are. */
export interface Credentials {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CredentialSeal {
  /** The name of the current root key, 8 hex digits. Another key has another name; a name does not reveal the key. */
  readonly keyName: string;
  /** Base64url; sealing the same twice gives two texts. */
  seal(tenant: string, id: string, credentials: Credentials): string;
  /**
   * @throws OperatorMustFix when it was sealed under a root key that is gone, is not as it was sealed, or was sealed for another tenant or
   *   subscription
   */
  open(tenant: string, id: string, text: string): Credentials;
  /** Whether it was sealed under another root key than the current one. */
  isOld(text: string): boolean;
}

const layout = 1;
const tagAt = 1;
const nonceAt = 5;
const contentAt = 17;
/** NIST SP 800-38D §8.2.2: a random nonce of 96 bits. */
const nonceBytes = contentAt - nonceAt;
const authTagBytes = 16;

/**
 * Text: layout (1 byte), the name of the key (4), nonce (12, random: at most a few thousand seals are ever made under one key, far below the
 * 2^32 of NIST SP 800-38D §8.3), content, authentication tag (16). The additional data are layout, tenant and id, each with its length.
 * @param rootKeys the current one, which seals, and those before it, which still open
 * @param random as many as asked for, unpredictable
 * @see NIST SP 800-38D, RFC 5869
 */
export const credentialSeal = (
  rootKeys: readonly [string, ...string[]],
  random: (count: number) => Uint8Array,
): CredentialSeal => {
  const keys = rootKeys.map(keyFrom) as [Key, ...Key[]];
  const [current] = keys;
  return {
    keyName: current.name.toString('hex'),
    seal: (tenant, id, credentials) => {
      const nonce = random(nonceBytes);
      const cipher = createCipheriv('aes-256-gcm', current.content, nonce).setAAD(boundTo(tenant, id));
      const sealed = Buffer.concat([cipher.update(JSON.stringify(credentials)), cipher.final()]);
      return Buffer.concat([Buffer.of(layout), current.name, nonce, sealed, cipher.getAuthTag()]).toString('base64url');
    },
    open: (tenant, id, text) => {
      const bytes = Buffer.from(text, 'base64url');
      if (bytes.length <= contentAt + authTagBytes || bytes[0] !== layout) throw altered(id);
      const key = keys.find(({ name }) => timingSafeEqual(name, bytes.subarray(tagAt, nonceAt)));
      if (!key)
        throw new OperatorMustFix(
          `The credentials of subscription "${id}" were sealed under a root key that is gone. Put the former key back as "previous" of the secret rootKey until all are sealed anew, or set the subscription's URL and headers again.`,
        );
      const plain = opened(bytes, key, boundTo(tenant, id));
      if (plain === undefined) throw altered(id);
      return JSON.parse(plain) as Credentials;
    },
    isOld: (text) => !Buffer.from(text, 'base64url').subarray(tagAt, nonceAt).equals(current.name),
  };
};

interface Key {
  readonly content: Buffer;
  /** Tells which key sealed a text, and nothing of the key. */
  readonly name: Buffer;
}

const keyFrom = (rootKey: string): Key => {
  const derive = (use: string, length: number) =>
    Buffer.from(hkdfSync('sha256', rootKey, '', `sluice/credentials/${layout}/${use}`, length));
  return { content: derive('content', 32), name: derive('name', nonceAt - tagAt) };
};

const boundTo = (tenant: string, id: string): Buffer =>
  Buffer.from(`${layout}:${tenant.length}:${tenant}:${id.length}:${id}`);

const opened = (bytes: Buffer, { content }: Key, bound: Buffer): string | undefined => {
  const nonce = bytes.subarray(nonceAt, contentAt);
  const decipher = createDecipheriv('aes-256-gcm', content, nonce, { authTagLength: authTagBytes })
    .setAAD(bound)
    .setAuthTag(bytes.subarray(-authTagBytes));
  const start = decipher.update(bytes.subarray(contentAt, -authTagBytes));
  try {
    return Buffer.concat([start, decipher.final()]).toString();
  } catch {
    // The tag does not match: the text was altered, or moved here from another record.
    return undefined;
  }
};

const altered = (id: string): OperatorMustFix =>
  new OperatorMustFix(
    `The sealed credentials of subscription "${id}" are not what was sealed for it: its record was altered. Set the subscription's URL and headers again.`,
  );
