import { OperatorMustFix } from '../../core/errors.ts';
import type { Manifest } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import { freshState, type SubscriptionState, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import type { Journal } from '../journal/open-journal.ts';

export interface LoadedState {
  readonly state: SubscriptionState;
  /** Of the record; 0 when the subscription is seen for the first time. */
  readonly version: number;
}

interface Deps {
  readonly records: RecordStore;
  readonly journal: Journal;
}

/** The state of a subscription; one that is seen for the first time begins where its `start` says. Nothing is written. */
export const loadState = async ({ records, journal }: Deps, subscription: Subscription): Promise<LoadedState> => {
  const stored = await records.get(subscriptionPartition, subscription.id);
  if (stored) return { state: parsed(stored.value, subscription.id, records.description), version: stored.version };
  return { state: await firstState(journal, subscription), version: 0 };
};

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

const pageSize = 1000;

export const everySubscriptionRecord = async (records: RecordStore): Promise<readonly StoredRecord[]> => {
  const all: StoredRecord[] = [];
  for (let from: string | undefined; ; ) {
    const page = await records.range(subscriptionPartition, { ...(from !== undefined && { from }), limit: pageSize });
    all.push(...page);
    const last = page.at(-1);
    if (page.length < pageSize || !last) return all;
    from = `${last.id}\u0000`;
  }
};

const firstState = async (journal: Journal, { start }: Subscription): Promise<SubscriptionState> => {
  if (start === 'beginning') return freshState({ segment: 1, index: 0 });
  const head = await journal.head(0);
  if (start === 'now') return freshState({ segment: (head?.seq ?? 0) + 1, index: 0 });
  return freshState({ segment: await firstReaching(journal, head, start.from), index: 0 }, start.from);
};

/** The first segment that may hold an event of `from` or later: `maxTimeSoFar` only grows, so halving finds it. */
const firstReaching = async (journal: Journal, head: Manifest | undefined, from: string): Promise<number> => {
  let low = 1;
  let high = (head?.seq ?? 0) + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const manifest = await journal.manifest(middle);
    if (manifest?.maxTimeSoFar && manifest.maxTimeSoFar >= from) high = middle;
    else low = middle + 1;
  }
  return low;
};

const parsed = (value: unknown, id: string, store: string): SubscriptionState => {
  const state = (typeof value === 'object' && value !== null ? value : {}) as Partial<SubscriptionState>;
  const whole =
    [state.begin, state.cursor].every((at) => Number.isSafeInteger(at?.segment) && Number.isSafeInteger(at?.index)) &&
    Number.isSafeInteger(state.sequence) &&
    typeof state.chain === 'string' &&
    typeof state.health?.status === 'string' &&
    typeof state.counts?.delivered === 'number';
  if (!whole)
    throw new OperatorMustFix(
      `The state of subscription "${id}" in ${store} cannot be read. Restore the state from a backup; nothing was sent.`,
    );
  return state as SubscriptionState;
};
