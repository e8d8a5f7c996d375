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
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import type { Files } from './files.ts';
import { type Random, randomOf } from './random.ts';

export const source = 'closer';
/** When verifiers look: all that is made here is younger than the retention. */
export const nowMs = Date.parse('2026-03-02T00:00:00Z');
const beginMs = Date.parse('2026-03-01T00:00:00Z');

export const ourKey: SigningKey = signingKey(new Uint8Array(32).fill(7));
export const ourKeys: KeySet = { keys: [ourKey.publicKey] };

/** A journal as data: who changes it and writes it anew forges it as well as anybody can who has not the key. */
export interface Plan {
  readonly segments: readonly PlannedSegment[];
  /** After which segment a head was signed, and when; 0: before the first. */
  readonly signed: readonly { readonly after: number; readonly atMs: number }[];
  /** Segment numbers whose race somebody lost. */
  readonly leftBehind: readonly number[];
}

export interface PlannedSegment {
  readonly kind: Manifest['kind'];
  readonly events: readonly ReadEvent[];
  readonly committedAtMs: number;
  readonly watermarkMs: number;
}

export interface AJournal {
  readonly plan: Plan;
  readonly files: Files;
  readonly manifests: readonly Manifest[];
}

/** In this thread: a thousand journals are made faster so. */
export const plainGzip: Compression = {
  zip: async (bytes) => gzipSync(bytes, { level: 1 }),
  unzip: async (bytes) => gunzipSync(bytes),
};

const tenants = ['acme', 'bolt', unattributed] as const;
const kinds: readonly Manifest['kind'][] = ['scan', 'scan', 'scan', 'late', 'exception', 'reattributed'];

export const aJournal = async (seed: number): Promise<AJournal> => {
  const plan = aPlan(seed);
  return { plan, ...(await written(plan)) };
};

const aPlan = (seed: number): Plan => {
  const random = randomOf(seed);
  const count = 1 + random.below(8);
  const segments: PlannedSegment[] = [];
  const signed: { after: number; atMs: number }[] = [];
  const leftBehind: number[] = [];
  let unowned: readonly ReadEvent[] = [];
  let clockMs = beginMs + 60_000;
  const pass = (): number => {
    clockMs += 1 + random.below(600_000);
    return clockMs;
  };

  if (random.oneIn(4)) signed.push({ after: 0, atMs: clockMs });
  for (let seq = 1; seq <= count; seq += 1) {
    const wanted = random.one(kinds);
    const kind = wanted === 'reattributed' && unowned.length === 0 ? 'scan' : wanted;
    const fresh = Array.from({ length: 1 + random.below(12) }, (_, at) =>
      anEvent(random, { id: `${seed}-${seq}-${at}`, kind, clockMs }),
    );
    const events =
      kind === 'reattributed' ? unowned.map((each) => ({ ...each, tenant: random.one(['acme', 'bolt']) })) : fresh;
    unowned = kind === 'reattributed' ? [] : [...unowned, ...fresh.filter(({ tenant }) => tenant === unattributed)];
    if (random.oneIn(4)) leftBehind.push(seq);
    segments.push({ kind, events, committedAtMs: clockMs, watermarkMs: clockMs });
    pass();
    if (random.oneIn(2)) signed.push({ after: seq, atMs: pass() });
    if (random.oneIn(4)) signed.push({ after: seq, atMs: pass() });
  }
  if (random.oneIn(4)) leftBehind.push(count + 1);
  return { segments, signed, leftBehind };
};

/** Writes a journal through the code that writes every journal. */
export const written = async (
  { segments, signed, leftBehind }: Plan,
  key: SigningKey = ourKey,
): Promise<{ readonly files: Files; readonly manifests: readonly Manifest[] }> => {
  const store = memoryBlobStore();
  const journal = openJournal({ store, source, compression: plainGzip });
  const manifests: Manifest[] = [];
  for (const seq of leftBehind) await leaveBehind(store, seq);
  for (const [at, { kind, events, committedAtMs, watermarkMs }] of segments.entries()) {
    const draft = segmentDraft();
    for (const event of events) draft.add(event);
    const appended = await journal.append(draft, {
      kind,
      head: manifests.at(-1),
      begin: beginningOfTime,
      watermark: instantFromMs(watermarkMs),
      committedAtMs,
      ...(kind === 'reattributed' && { reattributes: { from: 1, to: at } }),
    });
    if (appended.kind !== 'appended') throw new Error('nobody else writes here');
    manifests.push(appended.manifest);
  }
  for (const { after, atMs } of signed) {
    const head = signedHead(manifests[after - 1], atMs, key);
    await store.putIfAbsent(head.name, head.bytes);
  }
  const files: Files = new Map();
  for (const name of store.names()) files.set(name, (await store.get(name)) ?? new Uint8Array());
  return { files, manifests };
};

/** The object of a run that lost the race for a segment. */
const leaveBehind = async (store: BlobStore, seq: number): Promise<void> => {
  const bytes = gzipSync(`"left behind ${seq}"\n`);
  await store.putIfAbsent(objectName(source, seq, sha256Hex(bytes)), bytes);
};

export const anEvent = (
  random: Random,
  { id, kind, clockMs }: { readonly id: string; readonly kind: Manifest['kind']; readonly clockMs: number },
): ReadEvent => {
  const time = timeFor(random, kind, clockMs);
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
      created: new Date(clockMs).toISOString(),
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
