/** The whole system over fakes: one source, one journal, one state, any number of subscriptions, a clock that obeys. */
import type { EcsEvent, Hit, ReadEvent } from '../../shared/core/event.ts';
import { eventKey } from '../../shared/core/event-key.ts';
import { toInstant } from '../../shared/core/instant.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type DeliverOptions, deliverSubscription } from '../../shared/flows/deliver-subscription.ts';
import { type Journal, openJournal } from '../../shared/flows/journal/open-journal.ts';
import { type PullOptions, pullSource } from '../../shared/flows/pull-source.ts';
import { type ReconcileOptions, reconcileSource } from '../../shared/flows/reconcile-source.ts';
import { wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import type { Alert, Alerts } from '../../shared/ports/alerts.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import type { Source } from '../../shared/ports/source.ts';
import type { AttemptLine, DeliverLine, PullLine, ReconcileLine, Telemetry } from '../../shared/ports/telemetry.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { memorySource } from '../fakes/memory-source.ts';
import { memoryWorkQueue } from '../fakes/memory-work-queue.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { aRoster } from './a-roster.ts';

/** A hit of the fake source; `time` as Elasticsearch prints it, absent for an event without one. */
export const aHit = (id: string, time?: string, tenant = 'acme', index = 'closer'): Hit => ({
  _index: index,
  _id: id,
  _source: { ...(time !== undefined && { '@timestamp': time }), tenant },
});

/** `count` hits, one every `stepMs` from `from` on. */
export const hitsFrom = (from: string, count: number, stepMs = 1000, tenant = 'acme'): readonly Hit[] =>
  Array.from({ length: count }, (_, n) =>
    aHit(`${tenant}-${from}-${n}`, new Date(Date.parse(from) + n * stepMs).toISOString(), tenant),
  );

/** Reads the hits above without the rules of the real reader. */
export const plainRead = (hit: Hit, readAt: string): ReadEvent => {
  const { '@timestamp': time, tenant = 'acme' } = hit._source as { '@timestamp'?: string; tenant?: string };
  const sorted = hit.sort?.[0];
  return {
    key: eventKey(hit._index, hit._id),
    time: typeof sorted === 'string' ? toInstant(sorted) : time === undefined ? undefined : toInstant(time),
    tenant,
    redactions: 0,
    event: {
      ...(time !== undefined && { '@timestamp': time }),
      ecs: { version: '9.4.0' },
      event: {
        kind: 'event',
        id: `${hit._index}/${hit._id}`,
        module: 'closer',
        dataset: 'closer.security',
        provider: 'closer',
        created: readAt,
      },
      observer: { vendor: 'Closer', product: 'Closer' },
    },
  };
};

export const aSubscription = (overrides: Partial<Subscription> = {}): Subscription => ({
  id: 'acme-soc',
  tenant: 'acme',
  format: 'ecs',
  batch: { maxEvents: 100, maxBytes: 1_000_000, maxDelaySeconds: 0 },
  start: 'beginning',
  destination: { type: 'webhook', url: 'https://hooks.acme.example/closer' },
  ...overrides,
});

export const recordingTelemetry = () => {
  const pulls: PullLine[] = [];
  const attempts: AttemptLine[] = [];
  const deliveries: DeliverLine[] = [];
  const reconciliations: ReconcileLine[] = [];
  const notices: { readonly level: string; readonly message: string }[] = [];
  const alerts: Alert[] = [];
  const telemetry: Telemetry = {
    pullRun: (line) => void pulls.push(line),
    attempt: (line) => void attempts.push(line),
    deliverRun: (line) => void deliveries.push(line),
    reconcileRun: (line) => void reconciliations.push(line),
    alert: (alert) => {
      alerts.push(alert);
      notices.push({ level: 'error', message: alert.text });
    },
    notice: (level, message) => void notices.push({ level, message }),
  };
  return { telemetry, pulls, attempts, deliveries, reconciliations, notices, alerts };
};

export interface WorldOptions {
  readonly hits?: readonly Hit[];
  readonly startMs?: number;
  /** In place of `plainRead`. */
  readonly read?: typeof plainRead;
}

export const aWorld = (options: WorldOptions = {}) => {
  const { read = plainRead } = options;
  const clock = recordingClock({ startMs: options.startMs ?? Date.parse('2026-03-01T12:00:00Z') });
  const source = memorySource({ id: 'closer', clock, ...(options.hits && { hits: options.hits }) });
  const blobs = memoryBlobStore();
  const records = memoryRecordStore({ clock });
  const queue = memoryWorkQueue();
  const seen = recordingTelemetry();
  /** A process's own view of the journal: nothing is remembered from one run to the next. */
  const journal = (): Journal => openJournal({ store: blobs, source: 'closer' });

  const pull = (overrides: Partial<PullOptions> = {}, seenSource: Partial<Source> = {}) =>
    pullSource(
      { source: { ...source, ...seenSource }, journal: journal(), records, clock, read, telemetry: seen.telemetry },
      { start: { kind: 'beginning' }, overlapMs: 300_000, remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
    );
  const reconcile = (overrides: Partial<ReconcileOptions> = {}) =>
    reconcileSource(
      { source, journal: journal(), records, clock, read, telemetry: seen.telemetry },
      { horizonMs: 24 * 3_600_000, remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
    );
  const deliver = (
    subscription: Subscription,
    destination: Destination,
    overrides: Partial<DeliverOptions> = {},
    alerts: Alerts = { tell: async () => {} },
  ) =>
    deliverSubscription(
      { journal: journal(), records, clock, destination, alerts, telemetry: seen.telemetry, random: () => 0.5 },
      subscription,
      { remainingMs: () => Number.POSITIVE_INFINITY, ...overrides },
    );
  const wake = (subscriptions: readonly Subscription[]) =>
    wakeSubscriptions({ journal: journal(), records, queue, clock, roster: aRoster(subscriptions, records) });

  return {
    clock,
    source,
    blobs,
    records,
    queue,
    journal,
    pull,
    reconcile,
    deliver,
    wake,
    ...seen,
    journaled: () => journaledIds(journal()),
  };
};

/** `event.id` of everything in the journal, in its order. */
export const journaledIds = async (journal: Journal): Promise<readonly string[]> =>
  (await journaledEvents(journal)).map((event) => event.event.id);

export const journaledEvents = async (journal: Journal): Promise<readonly EcsEvent[]> => {
  const events: EcsEvent[] = [];
  for (let seq = 1; ; seq += 1) {
    const manifest = await journal.manifest(seq);
    if (!manifest) return events;
    for (const tenant of Object.keys(manifest.tenants)) {
      const { bytes } = await journal.lines(manifest, tenant);
      for (const line of Buffer.from(bytes).toString('utf8').split('\n').slice(0, -1)) events.push(JSON.parse(line));
    }
  }
};

export const idsOf = (hits: readonly Hit[]): readonly string[] => hits.map((hit) => `${hit._index}/${hit._id}`);
