import * as z from 'zod';
import { type Digest, digestHash, digestName, type SignedDigest } from '../digest.ts';
import { canonicalText, noHash } from '../segment.ts';
import { checkSignature, type KeySet } from '../signing-key.ts';
import { type Break, firstOf } from './break.ts';
import { readJson } from './manifest-form.ts';

const whole = z.int().min(0);
const hash = z.string().regex(/^[0-9a-f]{64}$/);
const form = z.strictObject({
  kid: z.string(),
  signature: z.string(),
  digest: z.object({
    version: z.literal(1),
    subscription: z.string(),
    tenant: z.string(),
    sequence: whole.min(1),
    previous: hash,
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    chain: hash,
    objects: z
      .array(z.object({ sequence: whole.min(1), object: z.string(), sha256: hash, events: whole.min(1), chain: hash }))
      .min(1),
  }),
});

/** A digest that passed its checks. */
export interface CheckedDigest {
  readonly digest: Digest;
  readonly kid: string;
  readonly signature: 'good' | 'unchecked';
}

/** @returns if the bytes are no digest, a text that says why */
export const readDigest = (bytes: Uint8Array): SignedDigest | string => {
  const json = readJson(bytes);
  if (json === undefined) return `${bytes.length} bytes that are no JSON`;
  const read = form.safeParse(json);
  if (read.success) return json as SignedDigest;
  return `a field that cannot be (${read.error.issues[0]?.path.join('.')})`;
};

/**
 * Checks a digest by itself: its form, its signature, its name, the order of its objects.
 * @param at.from the first sequence that is not proven yet
 */
export const checkDigest = (
  bytes: Uint8Array,
  at: { readonly name: string; readonly from: number; readonly keys: KeySet | undefined },
): CheckedDigest | { readonly break: Break } => {
  const { name, from, keys } = at;
  const signed = readDigest(bytes);
  if (typeof signed === 'string')
    return { break: { kind: 'altered', place: name, from, expected: 'a signed digest', found: signed } };
  const { digest, kid } = signed;
  const signature = keys ? checkSignature(digest, signed, keys) : 'unchecked';
  const found = firstOf(digestBreaks(signed, bytes, { ...at, signature }));
  if (found) return { break: found };
  return { digest, kid, signature: signature === 'good' ? 'good' : 'unchecked' };
};

function* digestBreaks(
  signed: SignedDigest,
  bytes: Uint8Array,
  { name, from, keys, signature }: { name: string; from: number; keys: KeySet | undefined; signature: string },
): Generator<Break> {
  const { digest, kid } = signed;
  const broken = (kind: Break['kind'], expected: string, found: string): Break => ({
    kind,
    place: name,
    from,
    expected,
    found,
  });
  if (signature === 'unknown key')
    yield broken('not as signed', `a signature of ${keys?.keys.map((key) => key.kid).join(' or ')}`, `one of ${kid}`);
  if (signature === 'wrong') yield broken('not as signed', `a signature of ${kid} over this digest`, 'another');
  if (!Buffer.from(canonicalText(signed)).equals(bytes))
    yield broken('altered', 'canonical JSON (RFC 8785)', 'the same values in another spelling');
  if (digestName(digest) !== name) yield broken('inserted', 'a digest of this name', `that of ${digestName(digest)}`);
  for (const [at, { sequence }] of digest.objects.entries()) {
    const before = digest.objects[at - 1]?.sequence;
    if (before !== undefined && sequence !== before + 1)
      yield broken('missing', `batch ${before + 1} after batch ${before}`, `batch ${sequence}`);
  }
}

/**
 * Whether a digest is the next of its chain after `before`, or without `before` the first. A new chain begins after something was delivered
 * another way in between.
 */
export const followsOn = (digest: Digest, before: Digest | undefined): boolean =>
  before === undefined
    ? digest.sequence === 1 && digest.previous === noHash
    : digest.sequence === before.sequence + 1 && digest.previous === digestHash(before);

export const beginsChain = (digest: Digest): boolean => followsOn(digest, undefined);
