/**
 * The journal's record: segments and their manifests, chained by SHA-256.
 *
 * A segment's object is `[keys][tenant block]…`, each part a gzip member of its own: a subscription reads its tenant's bytes with
 * one range request, and `zcat` reads the whole file. Keys stand in the order of the blocks: the n-th key is the n-th event's.
 */
import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Instant } from './instant.ts';

/** Where a gzip member lies in the object, and how many lines it holds. */
export interface Part {
  readonly offset: number;
  readonly length: number;
  readonly count: number;
}

export interface Manifest {
  readonly source: string;
  /** From 1, without gaps. */
  readonly seq: number;
  /**
   * `scan`: by pull · `late`: found afterwards · `exception`: no readable time, or dated ahead · `reattributed`: events of earlier segments
   * that belonged to no tenant, repeated under the tenant that is known now.
   */
  readonly kind: 'scan' | 'late' | 'exception' | 'reattributed';
  /** Only for kind `reattributed`: the segments, both included, whose unattributed events were looked at again. */
  readonly reattributes?: { readonly from: number; readonly to: number };
  /** ISO 8601, our clock. */
  readonly committedAt: string;
  readonly count: number;
  /** The earliest time of the events; `null` if none has a time. */
  readonly minTime: Instant | null;
  /** Later than every event when one of them has several times: as late as the last of these may be. */
  readonly maxTime: Instant | null;
  /**
   * The largest `maxTime` of this segment and all before it, without exceptions: a walk back through the segments may end where it is older
   * than the time in question.
   */
  readonly maxTimeSoFar: Instant | null;
  /** Where the record begins: events older than this were never asked for. */
  readonly begin: Instant;
  /** The checkpoint's watermark after this segment was appended; a lost checkpoint is rebuilt from it. */
  readonly watermark: Instant;
  readonly keys: Part;
  /** In the order of the blocks. */
  readonly tenants: Readonly<Record<string, Part>>;
  /** Events per minute, `YYYY-MM-DDTHH:mm`; empty for kind `reattributed`, whose events are counted in their first segments. */
  readonly minutes: Readonly<Record<string, number>>;
  readonly object: string;
  /** Of the object's bytes, hex. */
  readonly sha256: string;
  /** `hash` of the manifest before; 64 zeros before the first. */
  readonly previous: string;
  /** SHA-256 over the manifest without this field, in the canonical JSON form of RFC 8785, hex. */
  readonly hash: string;
}

export const noHash = '0'.repeat(64);

export const sha256Hex = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** The manifest with its hash. */
export const sealManifest = (manifest: Omit<Manifest, 'hash'>): Manifest => ({
  ...manifest,
  hash: sha256Hex(canonicalText(manifest)),
});

/** Whether the hash is that of the content. */
export const isIntact = (manifest: Manifest): boolean => {
  const { hash, ...content } = manifest;
  return hash === sha256Hex(canonicalText(content));
};

export const canonicalText = (value: unknown): string => {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('a manifest is a JSON value');
  return text;
};

const digits = (seq: number): string => String(seq).padStart(12, '0');

/** Manifests and objects lie under separate prefixes: a lifecycle rule expires objects only, and the chain stays whole. */
export const manifestPrefix = (source: string): string => `manifests/${source}/`;
export const manifestName = (source: string, seq: number): string => `${manifestPrefix(source)}${digits(seq)}.json`;
export const objectPrefix = (source: string): string => `segments/${source}/`;
export const objectName = (source: string, seq: number, sha256: string): string =>
  `${objectPrefix(source)}${digits(seq)}-${sha256.slice(0, 16)}.ndjson.gz`;
