import { createHash } from 'node:crypto';
import { type Instant, latest } from '../../core/instant.ts';
import {
  canonicalText,
  type Manifest,
  manifestName,
  noHash,
  objectName,
  type Part,
  sealManifest,
} from '../../core/segment.ts';
import type { SegmentDraft } from '../../core/segment-draft.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Compression } from './compression.ts';

export interface AppendOptions {
  readonly kind: Manifest['kind'];
  readonly head: Manifest | undefined;
  /** Where the record begins, and the watermark once this is appended. */
  readonly begin: Instant;
  readonly watermark: Instant;
  readonly reattributes?: Manifest['reattributes'];
  readonly committedAtMs: number;
}

export interface Place {
  readonly store: BlobStore;
  readonly source: string;
  readonly compression: Compression;
}

/**
 * Writes the object under a name that holds its hash, then the manifest under the next number. A run that loses the race leaves
 * its object behind, named by nobody; a lifecycle rule expires it. It is never deleted: the winner's may be the same bytes.
 */
export const appendSegment = async (
  { store, source, compression }: Place,
  draft: SegmentDraft,
  { kind, head, begin, watermark, committedAtMs, reattributes }: AppendOptions,
): Promise<{ readonly kind: 'appended'; readonly manifest: Manifest } | { readonly kind: 'lost race' }> => {
  const seq = (head?.seq ?? 0) + 1;
  const { bytes, keys, tenants, sha256 } = await packed(draft, compression);
  const object = objectName(source, seq, sha256);
  await store.putIfAbsent(object, bytes, { contentType: 'application/x-ndjson', contentEncoding: 'gzip' });
  const manifest = sealManifest({
    source,
    seq,
    kind,
    ...(reattributes && { reattributes }),
    committedAt: new Date(committedAtMs).toISOString(),
    count: draft.count,
    minTime: draft.minTime,
    maxTime: draft.maxTime,
    maxTimeSoFar: movesTime(kind) ? laterOf(head?.maxTimeSoFar ?? null, draft.maxTime) : (head?.maxTimeSoFar ?? null),
    begin,
    watermark,
    keys,
    tenants,
    minutes: kind === 'reattributed' ? {} : draft.minutes,
    object,
    sha256,
    previous: head?.hash ?? noHash,
  });
  const name = manifestName(source, seq);
  const text = Buffer.from(canonicalText(manifest));
  if ((await store.putIfAbsent(name, text, { contentType: 'application/json' })) === 'created')
    return { kind: 'appended', manifest };
  // The name is taken: by another run, or by this very write whose answer was lost and which the store tried again.
  const taken = await store.get(name);
  return taken && text.equals(taken) ? { kind: 'appended', manifest } : { kind: 'lost race' };
};

/** What is dated ahead must not: the walk back to the watermark would never end. Neither here nor when it is attributed again. */
const movesTime = (kind: Manifest['kind']): boolean => kind === 'scan' || kind === 'late';

const packed = async (draft: SegmentDraft, { zip }: Compression) => {
  const blocks = draft.blocks();
  const keyLines = blocks.flatMap((block) => block.keys.map((key) => `"${key}"\n`));
  const members = await Promise.all([
    zip(Buffer.from(keyLines.join(''), 'latin1')),
    ...blocks.map((block) => zip(block.lines)),
  ]);
  let offset = 0;
  const parts = members.map((member, at): Part => {
    const part = { offset, length: member.length, count: at === 0 ? draft.count : (blocks[at - 1]?.keys.length ?? 0) };
    offset += member.length;
    return part;
  });
  const bytes = Buffer.concat(members);
  const tenants: Record<string, Part> = {};
  blocks.forEach((block, at) => {
    const part = parts[at + 1];
    if (part) tenants[block.tenant] = part;
  });
  const [keys] = parts;
  if (!keys) throw new Error('a segment has a key list');
  return { bytes, keys, tenants, sha256: createHash('sha256').update(bytes).digest('hex') };
};

const laterOf = <T extends Manifest['maxTime']>(a: T, b: T): T =>
  a === null ? b : b === null ? a : (latest(a, b) as T);
