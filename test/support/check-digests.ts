/** What a customer can find out from the objects in the bucket and the public keys alone. Written apart from the code that makes them. */
import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import canonicalize from 'canonicalize';
import type { SignedDigest } from '../../shared/core/digest.ts';
import { checkSignature, type KeySet } from '../../shared/core/signing-key.ts';
import type { MemoryBlobStore } from '../fakes/memory-blob-store.ts';

const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

export interface CheckedDigests {
  /** In order. */
  readonly digests: readonly SignedDigest[];
  /** Objects that digests name, in order. */
  readonly attested: readonly string[];
  /** Objects that lie in the bucket and are in no digest. */
  readonly unattested: readonly string[];
  /** In words; none when everything holds. */
  readonly mistakes: readonly string[];
}

/** Checks one unbroken chain of digests: from its first on, every object, every hash, every signature. */
export const checkDigests = async (bucket: MemoryBlobStore, keySet: KeySet): Promise<CheckedDigests> => {
  const names = bucket.names();
  const read = async (name: string) => Buffer.from((await bucket.get(name)) ?? Buffer.alloc(0));
  const digests: SignedDigest[] = [];
  for (const name of names.filter((each) => each.startsWith('digests/')))
    digests.push(JSON.parse((await read(name)).toString()));
  digests.sort((a, b) => a.digest.sequence - b.digest.sequence);

  const mistakes: string[] = [];
  const attested: string[] = [];
  let previous = '0'.repeat(64);
  let chain = digests[0]?.digest.chain;
  for (const [index, { digest, ...signature }] of digests.entries()) {
    const which = `digest ${digest.sequence}`;
    if (digest.sequence !== index + 1) mistakes.push(`${which} is at place ${index + 1}`);
    if (digest.previous !== previous) mistakes.push(`${which} does not follow`);
    if (checkSignature(digest, signature, keySet) !== 'good') mistakes.push(`${which} is not signed by these keys`);
    if (digest.chain !== chain) mistakes.push(`${which} begins with another chain hash`);
    for (const { object, sha256: told, chain: after, sequence } of digest.objects) {
      const bytes = await read(object);
      if (sha256(bytes) !== told) mistakes.push(`${object} is not what digest ${digest.sequence} names`);
      else if (sha256(`${chain}\n${sha256(gunzipSync(bytes))}`) !== after)
        mistakes.push(`the chain breaks at ${object}`);
      if (!object.includes(`_${String(sequence).padStart(10, '0')}_`))
        mistakes.push(`${object} is not of batch ${sequence}`);
      chain = after;
      attested.push(object);
    }
    previous = sha256(canonicalize(digest) ?? '');
  }
  const objects = names.filter((name) => name.endsWith('.ndjson.gz'));
  return { digests, attested, unattested: objects.filter((name) => !attested.includes(name)), mistakes };
};
