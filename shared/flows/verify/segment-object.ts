import { unattributed } from '../../core/event.ts';
import { type Manifest, sha256Hex } from '../../core/segment.ts';
import type { Break } from '../../core/verify/break.ts';
import { contentCheck } from '../../core/verify/content-breaks.ts';
import { partsOf } from '../../core/verify/manifest-breaks.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { lineAt, linesOf } from '../journal/lines.ts';
import { unpackMember } from './gzip-member.ts';
import type { LedgerEntry } from './key-ledger.ts';

/** A segment's object, unpacked part by part; what is wrong with it otherwise. */
export type ReadObject =
  | { readonly kind: 'read'; readonly bytes: number; readonly parts: readonly Buffer[] }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly break: Break };

/** One read, whole: parts are checked against the same bytes that the hash was taken of. */
export const readObject = async (store: BlobStore, manifest: Manifest): Promise<ReadObject> => {
  const { object, seq, sha256 } = manifest;
  const broken = (expected: string, found: string): ReadObject => ({
    kind: 'broken',
    break: { kind: 'altered', place: object, from: seq, expected, found },
  });
  const bytes = await store.get(object);
  if (!bytes) return { kind: 'absent' };
  const found = sha256Hex(bytes);
  if (found !== sha256) return broken(`sha256 ${sha256}`, `${bytes.length} bytes of sha256 ${found}`);
  const parts: Buffer[] = [];
  let end = 0;
  for (const { offset, length, tenant } of partsOf(manifest)) {
    const what = tenant === undefined ? 'the key list' : `the block of tenant "${tenant}"`;
    const member = await unpackMember(bytes.subarray(offset, offset + length));
    if (typeof member === 'string') return broken(`one whole gzip member for ${what}`, member);
    parts.push(member);
    end = offset + length;
  }
  if (end !== bytes.length) return broken(`${end} bytes`, `${bytes.length - end} more after the last part`);
  return { kind: 'read', bytes: bytes.length, parts };
};

/** Each event against its key and its line, all of them against the manifest; those that hold are handed to `note`. */
export const checkContent = (
  manifest: Manifest,
  parts: readonly Buffer[],
  note: (entry: LedgerEntry) => void,
): Break | undefined => {
  const { seq, object, kind } = manifest;
  const broken = (expected: string, found: string): Break => ({
    kind: 'altered',
    place: object,
    from: seq,
    expected,
    found,
  });
  const [keyList = Buffer.alloc(0), ...blocks] = parts;
  const keys = linesOf(keyList, manifest.keys.count);
  if (!keys) return broken(`${manifest.keys.count} keys, one a line`, 'another number of lines');
  const check = contentCheck(
    manifest,
    Array.from({ length: keys.count }, (_, at) => textOf(lineAt(keys, at))),
  );
  for (const [at, { tenant = '', count }] of partsOf(manifest).slice(1).entries()) {
    const lines = linesOf(blocks[at] ?? Buffer.alloc(0), count);
    if (!lines) return broken(`${count} lines of tenant "${tenant}"`, 'another number of lines');
    for (let line = 0; line < count; line += 1) {
      const facts = check.take(lineAt(lines, line), { tenant, line: line + 1 });
      if ('break' in facts) return facts.break;
      const block = kind === 'reattributed' ? 'reattributed' : tenant === unattributed ? 'unowned' : 'owned';
      note({ ...facts, seq, block });
    }
  }
  return check.ended();
};

const textOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
