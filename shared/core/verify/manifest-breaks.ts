/** Checks a manifest against its own hash, its name, and the manifest before it. */
import { type Instant, latest } from '../instant.ts';
import { canonicalText, isIntact, type Manifest, manifestName, noHash, objectName, type Part } from '../segment.ts';
import { type Break, firstOf } from './break.ts';
import { readManifest } from './manifest-form.ts';

export interface ManifestPlace {
  readonly source: string;
  readonly seq: number;
  /** The manifest of the segment before, already checked. */
  readonly before: Manifest | undefined;
}

/** The manifest, if it is the one that belongs at this place; otherwise the first break. */
export const checkManifest = (bytes: Uint8Array, at: ManifestPlace): Manifest | { readonly break: Break } => {
  const manifest = readManifest(bytes);
  const place = manifestName(at.source, at.seq);
  if (typeof manifest === 'string')
    return { break: { kind: 'altered', place, from: at.seq, expected: 'a manifest', found: manifest } };
  const found = firstOf(manifestBreaks(manifest, bytes, at));
  return found ? { break: found } : manifest;
};

function* manifestBreaks(manifest: Manifest, bytes: Uint8Array, at: ManifestPlace): Generator<Break> {
  const { source, seq, before } = at;
  const broken = (kind: Break['kind'], expected: string, found: string): Break => ({
    kind,
    place: manifestName(source, seq),
    from: seq,
    expected,
    found,
  });
  if (manifest.source !== source)
    yield broken('inserted', `source "${source}"`, `a manifest of source "${manifest.source}"`);
  if (manifest.seq !== seq) yield broken('reordered', `segment ${seq}`, `the manifest of segment ${manifest.seq}`);
  if (!isIntact(manifest)) yield broken('altered', `content of hash ${manifest.hash}`, 'content of another hash');
  if (!Buffer.from(canonicalText(manifest)).equals(bytes))
    yield broken('altered', 'canonical JSON (RFC 8785)', 'the same values in another spelling');
  const previous = before?.hash ?? noHash;
  // Both manifests are intact in themselves, so nobody can tell which of them was replaced. That is why `from` is the earlier one.
  if (manifest.previous !== previous)
    yield {
      ...broken('altered', `previous ${previous}, the hash of segment ${seq - 1}`, `previous ${manifest.previous}`),
      from: Math.max(1, seq - 1),
    };
  const object = objectName(source, seq, manifest.sha256);
  if (manifest.object !== object) yield broken('altered', `object ${object}`, `object ${manifest.object}`);
  for (const [what, expected, found] of [
    ...partFacts(manifest),
    ...timeFacts(manifest, before),
    ...kindFacts(manifest, before),
  ])
    if (expected !== found) yield broken('altered', `${what} ${expected}`, `${what} ${found}`);
}

/** A field of the manifest, the value that it must have, the value that it has. */
type Fact = readonly [string, number | string | null, number | string | null];

/** The key list and the tenants' blocks must lie one after the other, and their counts must add up. */
function* partFacts({ count, keys, tenants }: Manifest): Generator<Fact> {
  const blocks = Object.entries(tenants).sort(([a], [b]) => (a < b ? -1 : 1));
  yield ['keys.offset', 0, keys.offset];
  yield ['keys.count', count, keys.count];
  let end = keys.length;
  let events = 0;
  for (const [tenant, block] of blocks) {
    yield [`tenants.${tenant}.offset`, end, block.offset];
    end += block.length;
    events += block.count;
  }
  yield ['the sum of the tenants', count, events];
  const empty = blocks.find(([, block]) => block.count === 0);
  yield ['tenants without events', null, empty?.[0] ?? null];
}

function* timeFacts(manifest: Manifest, before: Manifest | undefined): Generator<Fact> {
  const { kind, count, minTime, maxTime, minutes, begin } = manifest;
  const timed = Object.values(minutes).reduce((sum, each) => sum + each, 0);
  if (kind === 'reattributed') yield ['the sum of minutes', 0, timed];
  if (timed > count) yield ['the sum of minutes', `at most ${count}`, timed];
  if ((minTime === null) !== (maxTime === null)) yield ['maxTime', minTime, maxTime];
  if (minTime !== null && maxTime !== null && minTime > maxTime)
    yield ['minTime', `not after maxTime ${maxTime}`, minTime];
  const soFar = before?.maxTimeSoFar ?? null;
  const movesTime = kind === 'scan' || kind === 'late';
  yield ['maxTimeSoFar', movesTime ? laterOf(soFar, maxTime) : soFar, manifest.maxTimeSoFar];
  // The watermark may go back: if a run died after its append, the next run begins again where that run had begun.
  if (before && begin < before.begin) yield ['begin', `not before ${before.begin}`, begin];
}

function* kindFacts({ kind, seq, reattributes }: Manifest, before: Manifest | undefined): Generator<Fact> {
  if (kind === 'reattributed') {
    const { from = 0, to = 0 } = reattributes ?? {};
    if (from < 1 || from > to || to >= seq)
      yield ['reattributes', `a range of segments from 1 to ${before?.seq ?? 0}`, `${from} to ${to}`];
  } else if (reattributes) yield ['kind', 'reattributed', kind];
}

const laterOf = (a: Instant | null, b: Instant | null): Instant | null =>
  a === null || b === null ? (a ?? b) : latest(a, b);

/** Where the parts of an object lie, in their order; the first is the key list, of no tenant. */
export const partsOf = ({ keys, tenants }: Manifest): readonly (Part & { readonly tenant?: string })[] => [
  keys,
  ...Object.entries(tenants)
    .map(([tenant, block]) => ({ ...block, tenant }))
    .sort((a, b) => a.offset - b.offset),
];
