import { type Checkpoint, checkpointPartition } from '../../core/checkpoint.ts';
import { OperatorMustFix } from '../../core/errors.ts';
import type { SubscriptionHead } from '../../core/head.ts';
import type { Manifest } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import { againstHead, lastTouched, readSubscriptionState } from '../../core/subscription-repair.ts';
import { freshState, type SubscriptionState, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import { checkpointRecord } from '../checkpoint-record.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { Roster } from '../roster.ts';
import { resultOf, settled } from '../settled.ts';

export interface LoadedState {
  readonly state: SubscriptionState;
  /** Of the record; 0 when the subscription is seen for the first time. */
  readonly version: number;
  /** When the due index brings it back, epoch ms. */
  readonly dueAtMs?: number;
}

interface Deps {
  readonly records: RecordStore;
  readonly journal: Journal;
}

/**
 * The state of a subscription, held against the journal and against what was signed of it; one that is seen for the first time begins
 * where its `start` says. Nothing is written.
 * @throws OperatorMustFix when the state is lost, cannot be read, is older than what was delivered, or belongs to another journal
 */
export const loadState = async (deps: Deps, subscription: Subscription): Promise<LoadedState> => {
  const { records, journal } = deps;
  const { id } = subscription;
  // The head first: a state that is read after it is never older by mere chance.
  const signed = await journal.signed();
  const stored = await records.get(subscriptionPartition, id);
  const head = signed?.subscriptions.get(id);
  if (!stored) {
    if (signed && head) throw wrong(records, id, `is missing, but the head signed at ${signed.at} knows it`);
    return { state: await firstState(deps, subscription), version: 0 };
  }
  const state = readSubscriptionState(stored.value);
  if (!state) throw wrong(records, id, 'cannot be read');
  if (signed && head) compare(records, state, head, signed.at);
  const last = lastTouched(state.cursor);
  if (last > 0 && !(await journal.manifest(last)))
    throw wrong(records, id, `stands behind segment ${last}, which is not in ${journal.description}`);
  const { version, dueAtMs } = stored;
  return { state, version, ...(dueAtMs !== undefined && { dueAtMs }) };
};

/**
 * The same for a deliverer. The state of a subscription made by the API was recorded when it was made: without one it was deleted, or its
 * state is lost, and it never begins anew.
 * @param roster asked only where there is no state; absent: a subscription without one is new
 */
export const loadRecorded = async (
  deps: Deps,
  subscription: Subscription,
  roster: Pick<Roster, 'get' | 'fromFile'> | undefined,
): Promise<LoadedState | 'deleted'> => {
  const loaded = await settled(loadState(deps, subscription));
  const isMissing = loaded.ok ? loaded.value.version === 0 : loaded.error instanceof OperatorMustFix;
  if (!roster || !isMissing || roster.fromFile.some(({ id }) => id === subscription.id)) return resultOf(loaded);
  if (!(await roster.get(subscription.id))) return 'deleted';
  if (!loaded.ok) throw loaded.error;
  throw wrong(deps.records, subscription.id, 'is missing, although the subscription is there');
};

const compare = (records: RecordStore, state: SubscriptionState, head: SubscriptionHead, at: string): void => {
  const answer = againstHead(state, head);
  switch (answer) {
    case 'agrees':
      return;
    case 'older':
      throw wrong(
        records,
        head.id,
        `is older (sequence ${state.sequence}) than the head signed at ${at} (sequence ${head.sequence}): was an old backup restored?`,
      );
    case 'other':
      throw wrong(records, head.id, `is not the one that the head signed at ${at} names (sequence ${head.sequence})`);
    default:
      answer satisfies never;
  }
};

const wrong = (records: RecordStore, id: string, what: string): OperatorMustFix =>
  new OperatorMustFix(
    `The state of subscription "${id}" in ${records.description} ${what}${what.endsWith('?') ? '' : '.'} Nothing was sent. Restore the newest state, or run: npx sluice rebuild-checkpoint`,
  );

export const storeState = (
  records: RecordStore,
  id: string,
  state: SubscriptionState,
  version: number,
  dueAtMs: number | undefined,
): Promise<'stored' | 'conflict'> =>
  records.compareAndSet(
    { partition: subscriptionPartition, id, value: state, ...(dueAtMs !== undefined && { dueAtMs }) },
    version,
  );

/**
 * Where nothing waits the journal must end. A manifest that is missing looks the same, but the checkpoint knows of segments behind it.
 * @throws OperatorMustFix when the journal has a hole at the cursor
 */
export const checkEnd = async ({ records, journal }: Deps, { cursor }: SubscriptionState): Promise<void> => {
  const checkpoint = await records.get(checkpointPartition, journal.source);
  if (headOf(checkpoint) >= cursor.segment) await journal.appended(cursor.segment);
};

const headOf = (checkpoint: StoredRecord | undefined): number =>
  Number((checkpoint?.value as Partial<Checkpoint> | null | undefined)?.head ?? 0);

const firstState = async ({ records, journal }: Deps, { id, start }: Subscription): Promise<SubscriptionState> => {
  const checkpoint = await checkpointRecord({ journal, records });
  if (checkpoint === 'lost')
    throw wrong(
      records,
      id,
      `is missing, as is the checkpoint of source "${journal.source}", whose journal is in ${journal.description}`,
    );
  if (start === 'beginning') return freshState({ segment: 1, index: 0 });
  const head = await journal.head(checkpoint === 'none' ? 0 : headOf(checkpoint));
  if (start === 'now') return freshState({ segment: (head?.seq ?? 0) + 1, index: 0 });
  return stateFrom(journal, head, start.from);
};

/** The state of a subscription that begins at an instant. */
export const stateFrom = async (
  journal: Journal,
  head: Manifest | undefined,
  from: string,
): Promise<SubscriptionState> => freshState({ segment: await firstReaching(journal, head, from), index: 0 }, from);

/** The first segment that may hold an event of `from` or later: `maxTimeSoFar` only grows, so halving finds it. */
const firstReaching = async (journal: Journal, head: Manifest | undefined, from: string): Promise<number> => {
  let low = 1;
  let high = (head?.seq ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const manifest = await journal.appended(middle);
    if (manifest.maxTimeSoFar && manifest.maxTimeSoFar >= from) high = middle;
    else low = middle + 1;
  }
  return low;
};
