/** Puts signed digests beside the objects they name: into a folder and into S3 alike. */
import { type Digest, type DigestOutcome, digestHash, digestName, type SignedDigest } from '../core/digest.ts';
import { signedText } from '../core/head.ts';
import { checkSignature, type KeySet, type SigningKeys } from '../core/signing-key.ts';
import type { BlobStore } from '../ports/blob-store.ts';

/**
 * One object per digest, written once. The name is made from the digest, so an object of that name should be this digest, written by an
 * attempt whose answer was lost and signed perhaps by a former root key. If it is not, somebody else put it there: `misconfigured`.
 * @throws RetryLater, OperatorMustFix as the store does
 */
export const putDigest = async (
  store: BlobStore,
  { current, keySet }: SigningKeys,
  digest: Digest,
): Promise<DigestOutcome> => {
  const name = digestName(digest);
  const signed: SignedDigest = { digest, ...current.sign(digest) };
  const written = await store.putIfAbsent(name, Buffer.from(signedText(signed)), { contentType: 'application/json' });
  if (written === 'created') return { kind: 'written', answer: `created ${name}` };
  const stored = await store.get(name);
  if (!stored) return { kind: 'retry', answer: `${name} was there and is gone.` };
  return isSigned(stored, digest, keySet)
    ? { kind: 'written', answer: `was there already: ${name}` }
    : {
        kind: 'misconfigured',
        answer: `${store.description} holds something else as ${name}. Find out who writes there, and move it away.`,
      };
};

/**
 * Whether `stored` is this digest with a signature that our keys do not disprove. A key that we no longer have may have signed it, which
 * only a holder of that day's key set can check.
 */
const isSigned = (stored: Uint8Array, digest: Digest, keySet: KeySet): boolean => {
  try {
    const signed = JSON.parse(Buffer.from(stored).toString('utf8')) as SignedDigest;
    return digestHash(signed.digest) === digestHash(digest) && checkSignature(digest, signed, keySet) !== 'wrong';
  } catch {
    return false;
  }
};
