/** Journals as they come about, made from a seed: several tenants, every kind of segment, heads, and what lost races leave. */
import { gunzipSync, gzipSync } from 'node:zlib';
import { type EcsEvent, type ReadEvent, unattributed } from '../../shared/core/event.ts';
import { eventKey } from '../../shared/core/event-key.ts';
import { type Head, headName } from '../../shared/core/head.ts';
import { beginningOfTime, type Instant, instantFromMs } from '../../shared/core/instant.ts';
import { canonicalText, type Manifest, noHash, objectName, sha256Hex } from '../../shared/core/segment.ts';
import { segmentDraft } from '../../shared/core/segment-draft.ts';
import { type KeySet, type SigningKey, signingKey } from '../../shared/core/signing-key.ts';
import type { Compression } from '../../shared/flows/journal/compression.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import type { Files } from './files.ts';
import { type Random, randomOf } from './random.ts';

export const source = 'closer';
/** When verifiers look: all that is made here is younger than the retention. */
export const nowMs = Date.parse('2026-03-02T00:00:00Z');
const beginMs = Date.parse('2026-03-01T00:00:00Z');

export const ourKey: SigningKey = signingKey(new Uint8Array(32).fill(7));
export const ourKeys: KeySet = { keys: [ourKey.publicKey] };

export interface AJournal {
  readonly files: Files;
  readonly manifests: readonly Manifest[];
  /** Segments that a head was signed at, ascending; the last may have none. */
  readonly signedAt: readonly number[];
}

/** In this thread: a thousand journals are made faster so. */
export const plainGzip: Compression = {
  zip: async (bytes) => gzipSync(bytes, { level: 1 }),
  unzip: async (bytes) => gunzipSync(bytes),
};

const tenants = ['acme', 'bolt', unattributed] as const;
const kinds: readonly Manifest['kind'][] = ['scan', 'scan', 'scan', 'late', 'exception', 'reattributed'];

/** @param options.segments fixed; by chance 1 to 8 otherwise */
export const aJournal = async (seed: number, options: { readonly segments?: number } = {}): Promise<AJournal> => {
  const random = randomOf(seed);
  const store = memoryBlobStore();
  const journal = openJournal({ store, source, compression: plainGzip });
  const count = options.segments ?? 1 + random.below(8);
  const signedAt: number[] = [];
  const unowned: ReadEvent[] = [];
  let head: Manifest | undefined;
  const manifests: Manifest[] = [];
  let clockMs = beginMs + 60_000;

  const sign = async (): Promise<void> => {
    const signed = signedHead(head, clockMs);
    await store.putIfAbsent(signed.name, signed.bytes);
    if (signedAt.at(-1) !== (head?.seq ?? 0)) signedAt.push(head?.seq ?? 0);
  };

  if (random.oneIn(4)) await sign();
  for (let seq = 1; seq <= count; seq += 1) {
    const wanted = random.one(kinds);
    const kind = wanted === 'reattributed' && unowned.length === 0 ? 'scan' : wanted;
    const draft = segmentDraft();
    const events =
      kind === 'reattributed'
        ? unowned.splice(0).map((event) => ({ ...event, tenant: random.one(['acme', 'bolt']) }))
        : Array.from({ length: 1 + random.below(12) }, (_, at) => anEvent(random, { seed, seq, at, kind, clockMs }));
    for (const event of events) draft.add(event);
    if (kind !== 'reattributed') unowned.push(...events.filter(({ tenant }) => tenant === unattributed));
    if (random.oneIn(4)) await leaveBehind(store, seq, random);
    const appended = await journal.append(draft, {
      kind,
      head,
      begin: beginningOfTime,
      watermark: instantFromMs(clockMs),
      committedAtMs: clockMs,
      ...(kind === 'reattributed' && { reattributes: { from: 1, to: seq - 1 } }),
    });
    if (appended.kind !== 'appended') throw new Error('nobody else writes here');
    head = appended.manifest;
    manifests.push(head);
    clockMs += 1 + random.below(600_000);
    if (random.oneIn(2)) await sign();
    if (random.oneIn(4)) await sign();
  }
  if (random.oneIn(4)) await leaveBehind(store, count + 1, random);
  const files: Files = new Map();
  for (const name of store.names()) files.set(name, (await store.get(name)) ?? new Uint8Array());
  return { files, manifests, signedAt };
};

/** The object of a run that lost the race for a segment. */
const leaveBehind = async (store: ReturnType<typeof memoryBlobStore>, seq: number, random: Random): Promise<void> => {
  const bytes = gzipSync(Buffer.from(`"left behind ${random.below(1e9)}"\n`));
  await store.putIfAbsent(objectName(source, seq, sha256Hex(bytes)), bytes);
};

export const anEvent = (
  random: Random,
  of: {
    readonly seed: number;
    readonly seq: number;
    readonly at: number | string;
    readonly kind: Manifest['kind'];
    readonly clockMs: number;
  },
): ReadEvent => {
  const id = `${of.seed}-${of.seq}-${of.at}`;
  const time = timeFor(random, of.kind, of.clockMs);
  const event: EcsEvent = {
    ...(time !== undefined && { '@timestamp': `${time.slice(0, 23)}Z` }),
    ecs: { version: '9.4.0' },
    message: `Ä“${'x'.repeat(random.below(40))}”`,
    event: {
      kind: 'event',
      id: `closer/${id}`,
      module: 'closer',
      dataset: 'closer.security',
      provider: 'closer',
      created: new Date(of.clockMs).toISOString(),
    },
    observer: { vendor: 'Closer', product: 'Closer' },
  };
  return { key: eventKey('closer', id), time, tenant: random.one(tenants), event, redactions: 0 };
};

const timeFor = (random: Random, kind: Manifest['kind'], clockMs: number): Instant | undefined => {
  const nanos = String(random.below(1_000_000)).padStart(6, '0');
  const at = (ms: number) => `${instantFromMs(ms).slice(0, 23)}${nanos}Z` as Instant;
  if (kind === 'exception') return random.oneIn(2) ? undefined : at(clockMs + 3_600_000 + random.below(100_000));
  return at(clockMs - (kind === 'late' ? 7_200_000 : 0) - random.below(180_000));
};

export const signedHead = (
  manifest: Manifest | undefined,
  atMs: number,
  key: SigningKey = ourKey,
): { readonly name: string; readonly bytes: Uint8Array } => {
  const head: Head = {
    version: 1,
    source,
    at: new Date(atMs).toISOString(),
    journal: {
      seq: manifest?.seq ?? 0,
      hash: manifest?.hash ?? noHash,
      watermark: manifest?.watermark ?? beginningOfTime,
    },
    subscriptions: [],
  };
  return { name: headName(head), bytes: Buffer.from(canonicalText({ head, ...key.sign(head) })) };
};
