import type { DigestObject } from '../../core/digest.ts';
import { sha256Hex } from '../../core/segment.ts';
import { chainHash } from '../../core/subscription-state.ts';
import type { Break } from '../../core/verify/break.ts';
import { readJson } from '../../core/verify/manifest-form.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { lineAt, linesOf } from '../journal/lines.ts';
import { unpackMember } from './gzip-member.ts';

export type DeliveredObject =
  | { readonly kind: 'intact'; readonly bytes: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly break: Break };

/** An object as its digest names it. */
export interface Named {
  readonly object: DigestObject;
  readonly subscription: string;
  /** The chain hash before it. */
  readonly previous: string;
}

/** Its bytes, its lines and its place in the chain against what was signed about it. */
export const readDelivered = async (
  store: BlobStore,
  { object, subscription, previous }: Named,
): Promise<DeliveredObject> => {
  const { object: name, sequence, sha256, events, chain } = object;
  const broken = (expected: string, found: string): DeliveredObject => ({
    kind: 'broken',
    break: { kind: 'altered', place: name, from: sequence, expected, found },
  });
  const bytes = await store.get(name);
  if (!bytes) return { kind: 'absent' };
  const found = sha256Hex(bytes);
  if (found !== sha256) return broken(`sha256 ${sha256}`, `${bytes.length} bytes of sha256 ${found}`);
  const content = await unpackMember(bytes);
  if (typeof content === 'string') return broken('one whole gzip member', content);
  const contentSha256 = sha256Hex(content);
  const after = chainHash(previous, contentSha256);
  if (after !== chain) return broken(`chain hash ${chain}`, `chain hash ${after}`);
  // As `objectName` makes it: subscription, chain and content decide the name.
  const hash8 = sha256Hex(`${subscription}\n${previous}\n${contentSha256}`).slice(0, 8);
  const ending = `_${String(sequence).padStart(10, '0')}_${hash8}`;
  const isCef = name.endsWith(`${ending}.cef.gz`);
  if (!isCef && !name.endsWith(`${ending}.ndjson.gz`)) return broken(`a name that ends with ${ending}.ndjson.gz`, name);
  const lines = linesOf(content, events);
  if (!lines) return broken(`${events} lines`, 'another number of lines');
  for (let line = 0; line < events; line += 1)
    if (!isEvent(lineAt(lines, line), isCef ? 'cef' : 'json'))
      return broken(`an event in line ${line + 1}`, isCef ? 'no line of CEF' : 'no JSON object');
  return { kind: 'intact', bytes: bytes.length };
};

const isEvent = (line: Uint8Array, as: 'cef' | 'json'): boolean =>
  as === 'cef' ? Buffer.from(line.subarray(0, 6)).toString() === 'CEF:0|' : typeof readJson(line) === 'object';
