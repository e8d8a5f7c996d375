/** The whole system of one history: the search engine, the stores, the settings, and who watches. */
import { type Checkpoint, checkpointPartition } from '../../shared/core/checkpoint.ts';
import { manifestPrefix } from '../../shared/core/segment.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import { memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memoryRecordStore } from '../fakes/memory-record-store.ts';
import { type Changes, evidenceOf, members, type Revision, revisionOf, unchanged } from './cast.ts';
import { checkCheckpoint } from './checks/checkpoint-check.ts';
import { checkSegment } from './checks/segment-check.ts';
import { type SimulatedElasticsearch, simulatedElasticsearch } from './engine/simulated-elasticsearch.ts';
import type { History, SettingsChange, Traits, WorldActor, Written } from './history.ts';
import { type SimulatedQueue, simulatedQueue } from './parked-ports.ts';
import { type Scheduler, scheduler } from './scheduler.ts';
import { aWitness, type Witness } from './witness.ts';

export const sourceId = 'closer';
export const startMs = Date.parse('2026-03-01T12:00:00Z');

export interface SimulatedWorld {
  readonly traits: Traits;
  readonly scheduler: Scheduler;
  readonly witness: Witness;
  readonly engine: SimulatedElasticsearch;
  /** Watched: what is stored is seen by the witness in the same moment. */
  readonly blobs: BlobStore;
  readonly records: RecordStore;
  readonly queue: SimulatedQueue;
  readonly settings: Settings;
  change(actor: WorldActor): Promise<void>;
}

export interface Settings {
  /** Which of the two directories is in force. */
  readonly directory: 0 | 1;
  readonly revisions: readonly { readonly member: (typeof members)[number]; readonly revision: Revision }[];
}

export const aSimulatedWorld = ({ traits, rounds }: History): SimulatedWorld => {
  const turns = scheduler(startMs);
  const witness = aWitness(mostAheadMs(rounds));
  const records = watchedRecords(witness);
  const engine = simulatedElasticsearch(turns.clock, traits);
  let directory: Settings['directory'] = 0;
  let isAdded = false;
  const changes = new Map<string, Changes>();

  const settings = (): Settings => ({
    directory,
    revisions: members
      .filter(({ start }) => start !== 'now' || isAdded)
      .map((member) => ({ member, revision: revisionOf(member, changes.get(member.id) ?? unchanged) })),
  });
  const noteRevisions = (): void => {
    for (const { member, revision } of settings().revisions) {
      const known = witness.revisions.get(member.id) ?? [];
      const text = JSON.stringify(revision.subscription);
      if (known.at(-1)?.text !== text)
        witness.revisions.set(member.id, [...known, { wants: revision.wants, text, from: witness.round }]);
    }
  };
  noteRevisions();

  const changeSettings = (what: SettingsChange): void => {
    const bump = (id: string, part: keyof Changes): void => {
      const before = changes.get(id) ?? unchanged;
      changes.set(id, { ...before, [part]: before[part] + 1 });
    };
    switch (what) {
      case 'add subscription':
        isAdded = true;
        break;
      case 'extend directory':
        directory = 1;
        break;
      case 'change filter':
        bump('aurora-failures', 'filter');
        break;
      case 'change limits':
        bump('operator', 'limits');
        break;
      case 'change format':
        bump('aurora-soc', 'format');
        break;
      default:
        what satisfies never;
    }
    noteRevisions();
  };

  const write = (document: Written): void => {
    const { owner, outcome } = document;
    const arrived = engine.write(document, (time) => documentOf(time, owner, outcome));
    // An id that was written twice into one index is one document: the engine keeps the first here.
    if (!witness.documents.has(arrived.event))
      witness.documents.set(arrived.event, { ...arrived, owner, outcome, gone: false });
    turns.say(
      `  ${arrived.event} of ${arrived.time ?? 'no time'}, visible ${new Date(arrived.visibleAtMs).toISOString()}`,
    );
  };

  return {
    traits,
    scheduler: turns,
    witness,
    engine,
    blobs: watchedBlobs(witness),
    records,
    queue: simulatedQueue(turns.clock),
    get settings() {
      return settings();
    },
    change: async (actor) => {
      switch (actor.kind) {
        case 'write':
          for (const document of actor.documents) write(document);
          break;
        case 'wait':
          turns.advance(actor.ms);
          break;
        case 'engine':
          for (const event of engine.change(actor.what, actor.shard)) {
            const known = witness.documents.get(event);
            if (known) known.gone = true;
          }
          break;
        case 'settings':
          changeSettings(actor.what);
          break;
        case 'restore':
          await records.restore(actor.ago);
          break;
        default:
          actor satisfies never;
      }
    },
  };
};

const mostAheadMs = (rounds: History['rounds']): number =>
  Math.max(0, ...rounds.flatMap(({ actors }) => actors).map((actor) => ('skewMs' in actor ? actor.skewMs : 0)));

const documentOf = (time: string | undefined, owner: Written['owner'], outcome: Written['outcome']): object => ({
  ...(time !== undefined && { '@timestamp': time }),
  message: { 'event.action': 'login', 'event.outcome': outcome, ...evidenceOf(owner) },
});

const watchedBlobs = (witness: Witness): BlobStore => {
  const store = memoryBlobStore();
  return {
    ...store,
    putIfAbsent: async (name, bytes, metadata) => {
      const result = await store.putIfAbsent(name, bytes, metadata);
      if (result === 'created' && name.startsWith(manifestPrefix(sourceId))) {
        const { object } = JSON.parse(Buffer.from(bytes).toString('utf8')) as { object: string };
        checkSegment(witness, bytes, await store.get(object));
      }
      return result;
    },
  };
};

interface WatchedRecords extends RecordStore {
  restore(ago: number): Promise<void>;
}

/** While somebody holds a subscription no batch is begun; the one that was on its way may end. */
const checkHold = (
  witness: Witness,
  id: string,
  before: SubscriptionState | undefined,
  after: SubscriptionState,
): void => {
  if (before?.hold && !after.hold && (witness.lettingGo.get(id) ?? 0) === 0)
    witness.fail('a hold ends only when somebody ends it', id);
  if (before?.hold && after.hold && after.claim && after.claim.id !== before.claim?.id)
    witness.fail('nothing is begun while somebody holds it', after.claim.id);
};

const watchedRecords = (witness: Witness): WatchedRecords => {
  const store = memoryRecordStore();
  const checkpoints: Checkpoint[] = [];
  return {
    ...store,
    compareAndSet: async (record, expected) => {
      const before = await store.get(record.partition, record.id);
      const result = await store.compareAndSet(record, expected);
      if (result === 'stored' && record.partition === subscriptionPartition)
        checkHold(
          witness,
          record.id,
          before?.value as SubscriptionState | undefined,
          record.value as SubscriptionState,
        );
      if (result === 'stored' && record.partition === checkpointPartition) {
        checkpoints.push(record.value as Checkpoint);
        checkCheckpoint(witness, record.value as Checkpoint);
      }
      return result;
    },
    restore: async (ago) => {
      const value = checkpoints.at(-1 - ago);
      const stored = await store.get(checkpointPartition, sourceId);
      if (!value || !stored) return;
      await store.compareAndSet({ partition: checkpointPartition, id: sourceId, value }, stored.version);
      // From here on it may go forward again.
      witness.watermark = value.watermark;
    },
  };
};
