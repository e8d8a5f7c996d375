import * as z from 'zod';
import { headName, type SignedHead } from '../head.ts';
import { canonicalText } from '../segment.ts';
import { checkSignature, type KeySet } from '../signing-key.ts';
import type { Break } from './break.ts';
import { readJson } from './manifest-form.ts';

const whole = z.int().min(0);
const form = z.strictObject({
  kid: z.string(),
  signature: z.string(),
  head: z.object({
    version: z.literal(1),
    source: z.string(),
    at: z.iso.datetime(),
    journal: z.object({ seq: whole, hash: z.string().regex(/^[0-9a-f]{64}$/), watermark: z.string() }),
    subscriptions: z.array(z.object({ id: z.string(), sequence: whole, chain: z.string() })),
  }),
});

/** A head that passed its checks. `unchecked`: no keys were given, so the signature was not checked. */
export interface CheckedHead {
  /** Where it lies. */
  readonly name: string;
  readonly signed: SignedHead;
  readonly signature: 'good' | 'unchecked';
}

/** The head in these bytes; if they hold none, a text that says why. */
export const readSignedHead = (bytes: Uint8Array): SignedHead | string => {
  const json = readJson(bytes);
  if (json === undefined) return `${bytes.length} bytes that are no JSON`;
  const read = form.safeParse(json);
  return read.success ? (json as SignedHead) : `a field that cannot be (${read.error.issues[0]?.path.join('.')})`;
};

/**
 * @param keys absent: signatures stay unchecked
 * @param from the first number that is not proven yet
 */
export const checkHead = (
  bytes: Uint8Array,
  at: { readonly name: string; readonly source: string; readonly from: number; readonly keys: KeySet | undefined },
): CheckedHead | { readonly break: Break } => {
  const { name, source, from, keys } = at;
  const broken = (kind: Break['kind'], expected: string, found: string) => ({
    break: { kind, place: name, from, expected, found },
  });
  const signed = readSignedHead(bytes);
  if (typeof signed === 'string') return broken('altered', 'a signed head', signed);
  const signature = keys ? checkSignature(signed.head, signed, keys) : 'unchecked';
  if (signature === 'unknown key')
    return broken(
      'not as signed',
      `a signature of ${keys?.keys.map(({ kid }) => kid).join(' or ')}`,
      `one of ${signed.kid}`,
    );
  if (signature === 'wrong') return broken('not as signed', `a signature of ${signed.kid} over this head`, 'another');
  if (!Buffer.from(canonicalText(signed)).equals(bytes))
    return broken('altered', 'canonical JSON (RFC 8785)', 'the same values in another spelling');
  if (signed.head.source !== source)
    return broken('inserted', `a head of source "${source}"`, `one of source "${signed.head.source}"`);
  if (headName(signed.head) !== name)
    return broken('inserted', 'a head of this name', `that of ${headName(signed.head)}`);
  return { name, signed, signature };
};

/** A head that somebody kept, in any JSON spelling; if it cannot serve as a witness, a text that says why. */
export const checkWitness = (
  bytes: Uint8Array,
  { name, source, keys }: { readonly name: string; readonly source?: string; readonly keys: KeySet | undefined },
): CheckedHead | string => {
  const signed = readSignedHead(bytes);
  if (typeof signed === 'string') return signed;
  if (source !== undefined && signed.head.source !== source)
    return `it is of source "${signed.head.source}", not of "${source}"`;
  const signature = keys ? checkSignature(signed.head, signed, keys) : 'unchecked';
  switch (signature) {
    case 'good':
    case 'unchecked':
      return { name, signed, signature };
    case 'wrong':
      return `its signature is not that of key ${signed.kid}`;
    case 'unknown key':
      return `it is signed by key ${signed.kid}, which is not among those given (--keys)`;
    default:
      return signature satisfies never;
  }
};
