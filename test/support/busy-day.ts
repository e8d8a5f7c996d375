/** A journal of one busy day as far as reconcile sees it: its manifests, of the size they have, and the counts that a source would give. */
import { checkpointPartition } from '../../shared/core/checkpoint.ts';
import { beginningOfTime, type Instant, instantFromMs } from '../../shared/core/instant.ts';
import type { Rung } from '../../shared/core/reconcile.ts';
import {
  canonicalText,
  type Manifest,
  manifestName,
  noHash,
  objectName,
  sealManifest,
  sha256Hex,
} from '../../shared/core/segment.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { reconcileSource } from '../../shared/flows/reconcile-source.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import type { Source } from '../../shared/ports/source.ts';
import type { ReconcileLine } from '../../shared/ports/telemetry.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { plainRead, recordingTelemetry } from './world.ts';

export interface BusyDay {
  readonly blobs: ReturnType<typeof memoryBlobStore>;
  readonly records: ReturnType<typeof memoryRecordStore>;
  /** What the source counts: the same as the journal. */
  readonly counts: ReadonlyMap<string, number>;
  /** Where the watermark stands: the end of the day. */
  readonly endMs: number;
  readonly bytes: number;
}

/** @param rate events a second @param segmentEvents events of one segment; 8 MiB hold some 4 000 */
export const aBusyDay = async (options: {
  readonly rate: number;
  readonly segmentEvents: number;
}): Promise<BusyDay> => {
  const blobs = memoryBlobStore();
  const records = memoryRecordStore();
  const counts = new Map<string, number>();
  const startMs = Date.UTC(2026, 2, 1);
  const endMs = startMs + 86_400_000;
  let head: Manifest | undefined;
  let bytes = 0;
  for (let atMs = startMs; atMs < endMs; ) {
    const untilMs = Math.min(endMs, atMs + (options.segmentEvents / options.rate) * 1000);
    const manifest = manifestOf(head, atMs, untilMs, options.rate);
    const text = Buffer.from(canonicalText(manifest));
    await blobs.putIfAbsent(manifestName('closer', manifest.seq), text);
    for (const [minute, count] of Object.entries(manifest.minutes))
      counts.set(minute, (counts.get(minute) ?? 0) + count);
    bytes += text.length;
    head = manifest;
    atMs = untilMs;
  }
  const watermark = instantFromMs(endMs);
  await records.compareAndSet(
    {
      partition: checkpointPartition,
      id: 'closer',
      value: {
        begin: instantFromMs(startMs),
        watermark,
        head: head?.seq ?? 0,
        scannedAt: new Date(endMs).toISOString(),
        exceptions: [],
      },
    },
    0,
  );
  return { blobs, records, counts, endMs, bytes };
};

const manifestOf = (head: Manifest | undefined, fromMs: number, untilMs: number, rate: number): Manifest => {
  const seq = (head?.seq ?? 0) + 1;
  const minutes: Record<string, number> = {};
  for (let ms = fromMs; ms < untilMs; ) {
    const end = Math.min(untilMs, (Math.floor(ms / 60_000) + 1) * 60_000);
    minutes[new Date(ms).toISOString().slice(0, 16)] = Math.round(((end - ms) / 1000) * rate);
    ms = end;
  }
  const count = Object.values(minutes).reduce((sum, events) => sum + events, 0);
  const sha256 = sha256Hex(String(seq));
  const maxTime: Instant = instantFromMs(untilMs - 1);
  return sealManifest({
    source: 'closer',
    seq,
    kind: 'scan',
    committedAt: new Date(untilMs).toISOString(),
    count,
    minTime: instantFromMs(fromMs),
    maxTime,
    maxTimeSoFar: maxTime,
    begin: beginningOfTime,
    watermark: maxTime,
    keys: { offset: 0, length: count * 18, count },
    tenants: {
      aurora: { offset: count * 18, length: 400_000, count: Math.floor(count / 2) },
      baltic: { offset: count * 18 + 400_000, length: 400_000, count: count - Math.floor(count / 2) },
    },
    minutes,
    object: objectName('closer', seq, sha256),
    sha256,
    previous: head?.hash ?? noHash,
  });
};

/** What a comparison of that day asked for, by a process that remembers nothing. */
export interface DayCost {
  readonly line: ReconcileLine;
  readonly aggregations: number;
  readonly manifests: number;
  readonly otherBlobs: number;
  /** Of all that was read from the journal. */
  readonly bytes: number;
}

export const compareDay = async (day: BusyDay, rung: Rung): Promise<DayCost> => {
  const cost = { aggregations: 0, manifests: 0, otherBlobs: 0, bytes: 0 };
  const never = () => Promise.reject(new Error('nothing but counts is needed'));
  const source: Source = {
    id: 'closer',
    preflight: never,
    open: never,
    find: never,
    countPerMinute: async ({ from, to }) => {
      cost.aggregations += 1;
      return new Map([...day.counts].filter(([minute]) => minute >= from.slice(0, 16) && minute <= to.slice(0, 16)));
    },
  };
  const get: BlobStore['get'] = async (name, range) => {
    const bytes = await day.blobs.get(name, range);
    cost.bytes += bytes?.length ?? 0;
    if (name.startsWith('manifests/')) cost.manifests += 1;
    else cost.otherBlobs += 1;
    return bytes;
  };
  const line = await reconcileSource(
    {
      source,
      journal: openJournal({ store: { ...day.blobs, get }, source: 'closer' }),
      records: day.records,
      clock: recordingClock({ startMs: day.endMs + 300_000 }),
      read: plainRead,
      telemetry: recordingTelemetry().telemetry,
    },
    { rung, horizonMs: 86_400_000, remainingMs: () => Number.POSITIVE_INFINITY },
  );
  return { line, ...cost };
};
