import { everyTenant } from '../../core/event.ts';
import { tenantOfId } from '../../core/stored-subscription.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { type SubscriptionState, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import { eachManifest } from '../journal/each-manifest.ts';
import type { Journal } from '../journal/open-journal.ts';
import { idAfter } from '../records/each-record.ts';
import type { Roster } from '../roster.ts';

export interface Wake {
  readonly id: string;
  /** Distinguishes a new wake-up from one that repeats itself. */
  readonly reason: string;
}

interface Deps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly roster: Pick<Roster, 'fromFile'>;
}

export interface LookPage {
  readonly wakes: readonly Wake[];
  /** Ids that have a state. */
  readonly seen: readonly string[];
  /** Where the next page begins; absent: everybody was looked at. */
  readonly next?: string;
}

/**
 * Looks at the states of up to `limit` subscriptions, in one read, for those that have something to do and were not told: a message that the
 * queue has lost, or somebody whom a person has just mended.
 */
export const lookAround = async (
  { journal, records, roster }: Deps,
  {
    from,
    limit,
    head,
    nowMs,
  }: { readonly from?: string; readonly limit: number; readonly head: number; readonly nowMs: number },
): Promise<LookPage> => {
  const page = await records.range(subscriptionPartition, { ...(from !== undefined && { from }), limit });
  const inFile = new Map(roster.fromFile.map(({ id, tenant }) => [id, tenant]));
  const hasNews = await newsWithin(journal, head, nowMs);
  const wakes = page.flatMap((record) => {
    const tenant = inFile.get(record.id) ?? tenantOfId(record.id);
    return tenant === undefined ? [] : wakeOf(record, { head, nowMs, hasNews: (segment) => hasNews(tenant, segment) });
  });
  const last = page.at(-1);
  return { wakes, seen: page.map(({ id }) => id), ...(last && page.length === limit && { next: idAfter(last.id) }) };
};

interface Situation {
  readonly head: number;
  readonly nowMs: number;
  /** Whether its tenant may have an event in this segment or a later one. */
  readonly hasNews: (segment: number) => boolean;
}

const wakeOf = ({ id, value }: StoredRecord, { head, nowMs, hasNews }: Situation): readonly Wake[] => {
  const state = readSubscriptionState(value);
  // One that cannot be read, too: whoever delivers says what is wrong with it.
  if (!state) return [{ id, reason: `unreadable/${head}` }];
  const isHeld = state.health.status === 'disabled' || state.hold?.kind === 'paused';
  const waits = (state.health.retryAtMs ?? 0) > nowMs;
  if (isHeld || waits) return [];
  const hasWork = state.claim !== undefined || state.hold !== undefined || state.health.failures > 0;
  const isBehind = state.cursor.segment <= head && hasNews(state.cursor.segment);
  return hasWork || isBehind ? [{ id, reason: reasonOf(state, head) }] : [];
};

const reasonOf = ({ cursor, health }: SubscriptionState, head: number): string =>
  `${head}/${cursor.segment}.${cursor.index}/${health.failures}`;

/** Their manifests are in memory as a rule. */
const recentSegments = 300;
const dayMs = 86_400_000;

/**
 * Whether a tenant may have events from a segment on. Where that segment is older than a day, or far behind, the answer is yes: the cursor
 * of a tenant without events then moves on as well, before the journal forgets what it points to.
 */
const newsWithin = async (
  journal: Journal,
  head: number,
  nowMs: number,
): Promise<(tenant: string, from: number) => boolean> => {
  const oldest = Math.max(1, head - recentSegments + 1);
  const last = new Map<string, number>();
  const committedAtMs = new Map<number, number>();
  for await (const { seq, tenants, committedAt } of eachManifest(journal, { from: oldest, to: head })) {
    for (const tenant of [...Object.keys(tenants), everyTenant]) last.set(tenant, seq);
    committedAtMs.set(seq, Date.parse(committedAt));
  }
  return (tenant, from) =>
    from < oldest || (last.get(tenant) ?? 0) >= from || (committedAtMs.get(from) ?? 0) < nowMs - dayMs;
};
