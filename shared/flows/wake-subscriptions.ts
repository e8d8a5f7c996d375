import type { Subscription } from '../core/subscription.ts';
import { readSubscriptionState } from '../core/subscription-repair.ts';
import { type SubscriptionState, subscriptionPartition } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { everySubscriptionRecord } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';

export interface WakeDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly queue: WorkQueue;
  readonly clock: Clock;
}

export const wakePartition = 'wake';

/**
 * Wakes every subscription that has something to do, and returns how many. New segments wake all that are behind; without any
 * only those whose time has come are found, by the index, not by a scan. What was woken is recorded afterwards: a crash in
 * between wakes again, which costs a look.
 */
export const wakeSubscriptions = async (deps: WakeDeps, subscriptions: readonly Subscription[]): Promise<number> => {
  const { journal, records, queue, clock } = deps;
  const woken = await records.get(wakePartition, journal.source);
  const wokenHead = wokenBefore(woken);
  const head = (await journal.head(wokenHead.head))?.seq ?? 0;
  const roster = rosterOf(subscriptions);
  const nowMs = clock.nowMs();
  const whole = head > wokenHead.head || wokenHead.roster !== roster || nowMs - wokenHead.lookedAtMs >= wholeLookMs;
  const ids = whole
    ? await behind(records, subscriptions, head, clock.nowMs())
    : await due(records, subscriptions, clock.nowMs());
  for (const { id, reason } of ids) await queue.wake(id, reason);
  if (whole)
    await records.compareAndSet(
      { partition: wakePartition, id: journal.source, value: { head, roster, lookedAtMs: nowMs } },
      woken?.version ?? 0,
    );
  return ids.length;
};

interface Wake {
  readonly id: string;
  readonly reason: string;
}

interface Woken {
  readonly head: number;
  readonly roster: string;
  readonly lookedAtMs: number;
}

/** A record that cannot be read costs one look at every subscription, like none. */
const wokenBefore = (record: StoredRecord | undefined): Woken => {
  const { head, roster, lookedAtMs } = (record?.value ?? {}) as Partial<Woken>;
  return typeof head === 'number' && typeof roster === 'string' && typeof lookedAtMs === 'number'
    ? { head, roster, lookedAtMs }
    : { head: 0, roster: '', lookedAtMs: 0 };
};

/** A message the queue has lost is found by looking at all now and then. */
const wholeLookMs = 10 * 60_000;

/** A new subscription has something to do without any new segment. */
const rosterOf = (subscriptions: readonly Subscription[]): string =>
  subscriptions
    .map(({ id }) => id)
    .sort()
    .join(' ');

const behind = async (
  records: RecordStore,
  subscriptions: readonly Subscription[],
  head: number,
  nowMs: number,
): Promise<readonly Wake[]> => {
  const states = new Map<string, SubscriptionState | undefined>();
  for (const record of await everySubscriptionRecord(records))
    states.set(record.id, readSubscriptionState(record.value));
  return subscriptions.flatMap(({ id }) => {
    const state = states.get(id);
    // One that cannot be read, too: whoever delivers says what is wrong with it.
    if (!state) return [{ id, reason: `new/${head}` }];
    const { health, cursor } = state;
    const idle = health.status === 'disabled' || (health.retryAtMs ?? 0) > nowMs || cursor.segment > head;
    return idle ? [] : [{ id, reason: reasonOf(state, head) }];
  });
};

const due = async (
  records: RecordStore,
  subscriptions: readonly Subscription[],
  nowMs: number,
): Promise<readonly Wake[]> => {
  const known = new Set(subscriptions.map(({ id }) => id));
  const ids = (await records.due(subscriptionPartition, nowMs, 1000)).filter((id) => known.has(id));
  return ids.map((id) => ({ id, reason: `due/${Math.floor(nowMs / 60_000)}` }));
};

/** Distinguishes a new wake-up from one that repeats itself. */
const reasonOf = ({ cursor, health }: SubscriptionState, head: number): string =>
  `${head}/${cursor.segment}.${cursor.index}/${health.failures}`;
