import { type Checkpoint, checkpointPartition } from '../core/checkpoint.ts';
import { OperatorMustFix } from '../core/errors.ts';
import { pendingHold } from '../core/hold.ts';
import { instantFromMs } from '../core/instant.ts';
import type { Manifest } from '../core/segment.ts';
import type { Subscription } from '../core/subscription.ts';
import { type Repair, readSubscriptionState, repairOf } from '../core/subscription-repair.ts';
import { freshState, type SubscriptionState, subscriptionPartition } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import { newChallengeToken } from './deliver/challenge.ts';
import { stateFrom, storeState } from './deliver/load-state.ts';
import { eachManifest } from './journal/each-manifest.ts';
import type { Journal } from './journal/open-journal.ts';
import { everyRecord } from './records/each-record.ts';
import type { Roster } from './roster.ts';
import { registeredId, wakePartition } from './wake/wake-record.ts';

export interface Rebuilt {
  readonly checkpoint: Checkpoint;
  /** Subscriptions whose state was lost, unreadable or older than signed, and what became of it. The others are untouched. */
  readonly subscriptions: readonly RepairedSubscription[];
  /** The newest signed head, ISO 8601; absent: none was signed. */
  readonly signedAt?: string;
  /** Segments that the head names and the journal no longer holds: they are read again from the source. */
  readonly missingSegments: number;
}

export interface RepairedSubscription {
  readonly id: string;
  readonly became: Repair['became'];
  /** Batches delivered, by what is known now: the next one is the one after. */
  readonly sequence: number;
}

interface Deps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly roster: Pick<Roster, 'all' | 'get' | 'fromFile'>;
  readonly progress?: (so: { readonly segments: number; readonly of: number }) => void;
}

/**
 * Makes the checkpoint anew from the journal alone, whatever the state holds: its watermark is the one that was true when the last
 * segment was appended, so the next pull reads again what came after and the keys drop what is held. Subscriptions whose state is not
 * as it must be go on where the newest signed head saw them, so that at most what was delivered since is repeated; without a head
 * they begin anew. A webhook of the API whose state is gone proves its endpoint once more: whether it had is not known. Nothing that is good
 * is changed but the checkpoint. May be run again.
 * @throws OperatorMustFix when the journal is empty, has a hole, or its chain is broken; or when a run changes the state meanwhile
 */
export const rebuildCheckpoint = async (deps: Deps): Promise<Rebuilt> => {
  const { journal, records } = deps;
  const head = await journal.provenHead(0);
  if (!head)
    throw new OperatorMustFix(
      `${journal.description} holds no journal of source "${journal.source}": there is nothing to rebuild from. Check SLUICE_JOURNAL_URL.`,
    );
  const checkpoint = await checkpointFrom(deps, head);
  const stored = await records.get(checkpointPartition, journal.source);
  const write = { partition: checkpointPartition, id: journal.source, value: checkpoint };
  if ((await records.compareAndSet(write, stored?.version ?? 0)) === 'conflict') throw atWork();
  // They remember a head and states that may be gone; made anew, they cost one look at every subscription.
  for (const id of [journal.source, registeredId(journal.source)]) {
    const record = await records.get(wakePartition, id);
    if (record) await records.remove(wakePartition, id, record.version);
  }
  const signed = await journal.signed();
  return {
    checkpoint,
    subscriptions: await repairAll(deps, { head, lost: stored === undefined ? 'all' : 'some' }),
    ...(signed && { signedAt: signed.at }),
    missingSegments: Math.max(0, (signed?.seq ?? 0) - head.seq),
  };
};

const atWork = (): OperatorMustFix =>
  new OperatorMustFix('A run at work changed the state meanwhile. Stop every pull and delivery, then run this again.');

/** A watermark ahead of the clock was written by a wrong one: the last that is not holds. */
const checkpointFrom = async ({ journal, clock, progress }: Deps, head: Manifest): Promise<Checkpoint> => {
  const now = instantFromMs(clock.nowMs());
  const { begin, seq, committedAt } = head;
  const listed = await journal.exceptions.newest(
    async (upTo) => upTo.seq <= seq && (await journal.manifest(upTo.seq))?.hash === upTo.hash,
  );
  const listedUpTo = listed ? (await journal.exceptions.read(listed)).upTo.seq : 0;
  const exceptions: number[] = [];
  let watermark = begin;
  for await (const manifest of eachManifest(journal, { from: 1, to: seq })) {
    if (manifest.kind === 'exception' && manifest.seq > listedUpTo) exceptions.push(manifest.seq);
    if (manifest.watermark <= now) watermark = manifest.watermark;
    progress?.({ segments: manifest.seq, of: seq });
  }
  return { begin, watermark, head: seq, scannedAt: committedAt, exceptions, ...(listed && { listed }) };
};

const repairAll = async (
  deps: Deps,
  { head, lost }: { readonly head: Manifest; readonly lost: 'all' | 'some' },
): Promise<readonly RepairedSubscription[]> => {
  const { journal, records, roster } = deps;
  const signed = await journal.signed();
  const known = new Map((await everyRecord(records, subscriptionPartition)).map((record) => [record.id, record]));
  const wanted = new Map((await roster.all()).map((subscription) => [subscription.id, subscription]));
  const inFile = new Set(roster.fromFile.map(({ id }) => id));
  const repaired: RepairedSubscription[] = [];
  // Those that are not in the file now may come back: they must not stand beyond the journal then.
  for (const id of new Set([...wanted.keys(), ...known.keys()])) {
    const record = known.get(id);
    const witness = signed?.subscriptions.get(id);
    const subscription = wanted.get(id);
    const isOfApi = subscription !== undefined && !inFile.has(id);
    // Nobody has ever seen it: it begins where its `start` says. Of one made by the API that was recorded when it was made.
    if (!record && !witness && lost === 'some' && !isOfApi) continue;
    const restart = await restartOf(journal, subscription, head);
    const stored = readSubscriptionState(record?.value);
    const repair = repairOf({
      stored,
      head: witness,
      journal: head.seq,
      restart: isOfApi && !stored ? await unproven(restart, subscription, deps) : restart,
    });
    if (!repair) continue;
    await store(records, id, repair, record);
    repaired.push({ id, became: repair.became, sequence: repair.state.sequence });
  }
  return repaired;
};

/** Everything that it may have wanted, rather than what came `now`: when it was first seen is not known any more. */
const restartOf = (journal: Journal, subscription: Subscription | undefined, head: Manifest) =>
  typeof subscription?.start === 'object'
    ? stateFrom(journal, head, subscription.start.from)
    : freshState({ segment: 1, index: 0 });

const unproven = async (
  state: SubscriptionState,
  { id, destination }: Subscription,
  { clock, roster }: Pick<Deps, 'clock' | 'roster'>,
): Promise<SubscriptionState> => {
  if (destination.type !== 'webhook') return state;
  const subscription = await withCredentials(roster, id);
  return { ...state, hold: pendingHold({ subscription, token: newChallengeToken(), nowMs: clock.nowMs() }) };
};

/** `undefined` too when its root key is gone: nothing is sent to it before that is mended, and it must not keep the others from their repair. */
const withCredentials = async (roster: Pick<Roster, 'get'>, id: string): Promise<Subscription | undefined> => {
  try {
    return await roster.get(id);
  } catch (error) {
    if (error instanceof OperatorMustFix) return undefined;
    throw error;
  }
};

const store = async (
  records: RecordStore,
  id: string,
  { state }: Repair,
  record: StoredRecord | undefined,
): Promise<void> => {
  if ((await storeState(records, id, state, record?.version ?? 0, undefined)) === 'conflict') throw atWork();
};
