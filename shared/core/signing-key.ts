/**
 * The key that heads and digests are signed with: Ed25519 (RFC 8032), derived from the root key, so that there is nothing more to
 * store or to lose. Its public half is a JSON Web Key (RFC 7517, RFC 8037), named by its thumbprint (RFC 7638).
 */
import {
  createPrivateKey,
  createPublicKey,
  hash,
  hkdfSync,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { OperatorMustFix } from './errors.ts';
import type { Signature } from './head.ts';
import { canonicalText } from './segment.ts';

/** @see RFC 8037 section 2 */
export interface PublicKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** The 32 bytes of the key, base64url. */
  readonly x: string;
  /** The thumbprint of the three above. */
  readonly kid: string;
  readonly use: 'sig';
  readonly alg: 'EdDSA';
}

/** What `/.well-known/sluice-keys.json` serves. @see RFC 7517 section 5 */
export interface KeySet {
  readonly keys: readonly PublicKey[];
}

export interface SigningKey {
  readonly publicKey: PublicKey;
  /** Ed25519 over the text in UTF-8, base64url. */
  signText(text: string): string;
  /** Over the canonical JSON (RFC 8785) of `value`. The same value gives the same signature for ever. */
  sign(value: object): Signature;
}

export interface SigningKeys {
  /** Signs. */
  readonly current: SigningKey;
  /** The current key, and the one before it while a rotation lasts. */
  readonly keySet: KeySet;
}

const seedBytes = 32;
/** What precedes the seed in the PKCS #8 form of a private key. @see RFC 8410 section 7 */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex');

/**
 * @param rootKey the secret `rootKey`
 * @throws OperatorMustFix when there is none
 */
export const signingKeysOf = (
  rootKey: { readonly current: string; readonly previous?: string } | undefined,
): SigningKeys => {
  if (!rootKey)
    throw new OperatorMustFix(
      'There is no secret "rootKey" to sign heads and digests with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
    );
  const current = signingKey(seedFrom(rootKey.current));
  const previous = rootKey.previous === undefined ? [] : [signingKey(seedFrom(rootKey.previous))];
  return { current, keySet: { keys: [current, ...previous].map(({ publicKey }) => publicKey) } };
};

/** HKDF-SHA256 (RFC 5869) of the root key's text, no salt. */
const seedFrom = (rootKey: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', rootKey, '', 'sluice/head-signing/v1', seedBytes));

/** @param seed the 32 bytes that RFC 8032 calls the private key */
export const privateKeyFrom = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: 'der', type: 'pkcs8' });

/** @param seed see `privateKeyFrom` */
export const signingKey = (seed: Uint8Array): SigningKey => {
  const privateKey = privateKeyFrom(seed);
  const publicKey = publicKeyOf(privateKey);
  const signText = (text: string): string => signBytes(null, Buffer.from(text), privateKey).toString('base64url');
  return {
    publicKey,
    signText,
    sign: (value) => ({ kid: publicKey.kid, signature: signText(canonicalText(value)) }),
  };
};

const publicKeyOf = (privateKey: KeyObject): PublicKey => {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new TypeError('an Ed25519 key has an x');
  return { kty: 'OKP', crv: 'Ed25519', x, kid: thumbprintOf(x), use: 'sig', alg: 'EdDSA' };
};

/** @see RFC 7638 section 3, RFC 8037 appendix A.3 */
const thumbprintOf = (x: string): string =>
  hash('sha256', JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }), 'base64url');

/**
 * Judges a signature over `value`: `good`, `wrong` (value or signature was altered, or another key signed it), or `unknown key` (none of
 * these keys has its name: the root key was changed since, so check with a key set that was kept from that time).
 */
export const checkSignature = (
  value: object,
  { kid, signature }: Signature,
  { keys }: KeySet,
): 'good' | 'wrong' | 'unknown key' => {
  const key = keys.find((each) => each.kid === kid);
  if (!key) return 'unknown key';
  const { kty, crv, x } = key;
  const publicKey = createPublicKey({ key: { kty, crv, x }, format: 'jwk' });
  const bytes = Buffer.from(signature, 'base64url');
  // Several base64url spellings decode to the same bytes; only the spelling that we write is accepted.
  const isGood =
    bytes.toString('base64url') === signature && verifyBytes(null, Buffer.from(canonicalText(value)), publicKey, bytes);
  return isGood ? 'good' : 'wrong';
};

/**
 * The Ed25519 keys of a JSON Web Key set; keys of other kinds are skipped.
 * @returns `undefined` when it is no key set, or holds an Ed25519 key whose `kid` is not its thumbprint
 */
export const keySetIn = (value: unknown): KeySet | undefined => {
  const keys = (value as { readonly keys?: unknown } | null | undefined)?.keys;
  if (!Array.isArray(keys)) return undefined;
  const ours = keys.filter((key) => key?.kty === 'OKP' && key.crv === 'Ed25519') as readonly PublicKey[];
  return ours.every(isWhole) ? { keys: ours } : undefined;
};

const isWhole = ({ x, kid }: PublicKey): boolean =>
  typeof x === 'string' && Buffer.from(x, 'base64url').length === seedBytes && kid === thumbprintOf(x);
