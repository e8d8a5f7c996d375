/**
 * What a failure is played on: a source, and behind it the real reader, journal, pull and deliver over stores in memory. What counts is
 * seen from the outside: what the journal holds, what the receiver got, where the checkpoint stands.
 */
import { expect } from 'vitest';
import { type ElasticsearchSourceOptions, elasticsearchSource } from '../../shared/adapters/elasticsearch-source.ts';
import type { Checkpoint } from '../../shared/core/checkpoint.ts';
import { everyTenant, type Hit } from '../../shared/core/event.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { type PullOptions, pullSource } from '../../shared/flows/pull-source.ts';
import { type ReconcileOptions, reconcileSource } from '../../shared/flows/reconcile-source.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import type { Source } from '../../shared/ports/source.ts';
import { type MemoryBlobStore, memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { type MemoryDestination, memoryDestination } from '../fakes/memory-destination.ts';
import { type MemoryRecordStore, memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { type MemorySource, memorySource } from '../fakes/memory-source.ts';
import { type RecordingClock, recordingClock } from '../fakes/recording-clock.ts';
import type { Asked } from '../support/wire-tap.ts';
import { aSubscription, journaledEvents, recordingTelemetry } from '../support/world.ts';
import type { Document, Elastic } from './elastic.ts';

/** Noon: where the clock of every failure stands at first. */
export const noon = Date.parse('2026-03-01T12:00:00Z');

export const isoOf = (epochMs: number): string => new Date(epochMs).toISOString();

/** Whether a request asks for events, rather than for a view or a count. */
export const isPage = ({ path, body }: Asked): boolean => path.startsWith('/_search') && body['size'] !== 0;

/** `count` documents of one index, one every `stepMs` from `from` on; 0: all at the same instant. */
export const documentsFrom = (index: string, from: string, count: number, stepMs = 1_000): readonly Document[] =>
  Array.from({ length: count }, (_, n) => ({
    index,
    id: `${index}-${Date.parse(from)}-${n}`,
    source: { '@timestamp': stepMs === 0 ? from : isoOf(Date.parse(from) + n * stepMs) },
  }));

export const idsOf = (documents: readonly Document[]): readonly string[] =>
  documents.map(({ index, id }) => `${index}/${id}`);

/** What a process leaves behind: several stages over the same are several processes. */
interface Kept {
  readonly blobs?: MemoryBlobStore;
  readonly records?: MemoryRecordStore;
  readonly receiver?: MemoryDestination;
}

export const aStage = (source: Source, clock: Clock, kept: Kept = {}) => {
  const { blobs = memoryBlobStore(), records = memoryRecordStore(), receiver = memoryDestination() } = kept;
  const seen = recordingTelemetry();
  const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });
  /** Nothing is remembered from one run to the next: each is a process of its own. */
  const journal = () => openJournal({ store: blobs, source: source.id });

  /** @param budget how many events the run can read before its time is up */
  const pull = ({
    budget = Number.POSITIVE_INFINITY,
    ...overrides
  }: Partial<PullOptions> & { readonly budget?: number } = {}) => {
    let soFar = 0;
    return pullSource(
      {
        source,
        journal: journal(),
        records,
        clock,
        read,
        telemetry: seen.telemetry,
        progress: (so) => {
          soFar = so.read;
        },
      },
      {
        start: { kind: 'beginning' },
        overlapMs: 300_000,
        remainingMs: () => (soFar >= budget ? 0 : Number.POSITIVE_INFINITY),
        ...overrides,
      },
    );
  };

  const reconcile = (overrides: Partial<ReconcileOptions> = {}) =>
    reconcileSource(
      { source, journal: journal(), records, clock, read, telemetry: seen.telemetry },
      { horizonMs: 24 * 3_600_000, remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
    );

  const deliver = (to: Destination = receiver, subscription: Partial<Subscription> = {}) =>
    deliverSubscription(
      { journal: journal(), records, clock, destination: to, telemetry: seen.telemetry, random: () => 0.5 },
      aSubscription({ id: 'soc', tenant: everyTenant, ...subscription }),
      { remainingMs: () => Number.POSITIVE_INFINITY },
    );

  const journaled = async (): Promise<readonly string[]> =>
    (await journaledEvents(journal())).map(({ event }) => event.id);

  /** The journal holds these events and no other, each once, and the receiver got the same. */
  const expectOnce = async (ids: readonly string[]): Promise<void> => {
    expect({ of: 'journal', ...comparedWith(ids, await journaled()) }).toEqual({ of: 'journal', ...same });
    await deliver();
    const received = receiver.accepted.flatMap(({ lines }) => lines.map(idIn));
    expect({ of: 'receiver', ...comparedWith(ids, received) }).toEqual({ of: 'receiver', ...same });
  };

  return {
    source,
    clock,
    blobs,
    records,
    receiver,
    journal,
    pull,
    reconcile,
    deliver,
    journaled,
    expectOnce,
    events: () => journaledEvents(journal()),
    checkpoint: () =>
      records.records().find(({ partition }) => partition === 'checkpoint')?.value as Checkpoint | undefined,
    ...seen,
  };
};

/** A stage before a source in memory; several may be played on one. */
export const aStageInMemory = (
  documents: readonly Document[],
  kept: Kept = {},
): Stage & { readonly clock: RecordingClock; readonly source: MemorySource } => {
  const clock = recordingClock({ startMs: noon });
  const source = memorySource({ id: 'closer', clock, hits: documents.map(hitOf) });
  return { ...aStage(source, clock, kept), clock, source };
};

export const hitOf = ({ index, id, source }: Document): Hit => ({ _index: index, _id: id, _source: source });

export type Stage = ReturnType<typeof aStage>;

const same = { missing: [], doubled: [], strange: [] };

/** What is not as it should be: cheaper than sorting, and says what matters. */
const comparedWith = (wanted: readonly string[], found: readonly string[]) => {
  const left = new Set(wanted);
  const known = new Set(wanted);
  const doubled: string[] = [];
  for (const id of found) if (!left.delete(id) && known.has(id)) doubled.push(id);
  return { missing: [...left], doubled, strange: found.filter((id) => !known.has(id)) };
};

export const idIn = (line: Uint8Array): string => JSON.parse(Buffer.from(line).toString('utf8')).event.id;

/** A stage before an Elasticsearch, asked for by the real adapter. */
export const aStageBefore = (
  elastic: Elastic,
  options: Partial<ElasticsearchSourceOptions> = {},
): Stage & { readonly clock: RecordingClock } => {
  const clock = recordingClock({ startMs: noon });
  const source = elasticsearchSource({
    id: 'closer',
    url: elastic.tap.url,
    index: `*${elastic.name}*`,
    timeField: '@timestamp',
    secrets: memorySecrets(),
    clock,
    ...options,
  });
  return { ...aStage(source, clock), clock };
};
