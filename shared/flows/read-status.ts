import { type Checkpoint, checkpointPartition } from '../core/checkpoint.ts';
import { unattributed } from '../core/event.ts';
import { msOf } from '../core/instant.ts';
import type { Subscription } from '../core/subscription.ts';
import type { SubscriptionState } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { blocksOf } from './deliver/gather-batch.ts';
import { loadState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';

/** What an operator looks at first. Times ISO 8601, durations in milliseconds. */
export interface Status {
  readonly source: SourceStatus;
  readonly subscriptions: readonly SubscriptionStatus[];
}

export interface SourceStatus {
  readonly id: string;
  readonly state: 'never pulled' | 'pulled';
  readonly watermark?: string;
  readonly scannedAt?: string;
  readonly lagMs?: number;
  readonly segments: number;
  readonly events: number;
  readonly unattributed: number;
}

export interface SubscriptionStatus {
  readonly id: string;
  readonly tenant: string;
  readonly state: SubscriptionState['health']['status'];
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLetters: number;
  /** Journaled for the tenant and not yet considered. */
  readonly waiting: number;
  /** Age of the oldest waiting event, by when it was journaled; 0 when none waits. */
  readonly oldestUndeliveredMs: number;
  readonly failures: number;
  readonly retryAt?: string;
  readonly lastAnswer?: string;
}

interface Deps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
}

/** Source and subscription lag, from state and manifests alone: no event is read. */
export const readStatus = async (deps: Deps, subscriptions: readonly Subscription[]): Promise<Status> => {
  const { journal, records, clock } = deps;
  const checkpoint = (await records.get(checkpointPartition, journal.source))?.value as Checkpoint | undefined;
  const head = (await journal.head(checkpoint?.head ?? 0))?.seq ?? 0;
  let events = 0;
  let unnamed = 0;
  for (let seq = 1; seq <= head; seq += 1) {
    const manifest = await journal.manifest(seq);
    events += manifest?.count ?? 0;
    unnamed += manifest?.tenants[unattributed]?.count ?? 0;
  }
  const source: SourceStatus = {
    id: journal.source,
    state: checkpoint ? 'pulled' : 'never pulled',
    ...(checkpoint && {
      watermark: checkpoint.watermark,
      scannedAt: checkpoint.scannedAt,
      lagMs: Math.max(0, clock.nowMs() - msOf(checkpoint.watermark)),
    }),
    segments: head,
    events,
    unattributed: unnamed,
  };
  const lines: SubscriptionStatus[] = [];
  for (const subscription of subscriptions) lines.push(await statusOf(deps, subscription, head));
  return { source, subscriptions: lines };
};

const statusOf = async (
  { journal, records, clock }: Deps,
  subscription: Subscription,
  head: number,
): Promise<SubscriptionStatus> => {
  const { state } = await loadState({ records, journal }, subscription);
  let waiting = 0;
  let oldest: string | undefined;
  for (let seq = state.cursor.segment; seq <= head; seq += 1) {
    const manifest = await journal.manifest(seq);
    if (!manifest) break;
    const count = blocksOf(manifest, subscription.tenant).reduce((sum, block) => sum + block.count, 0);
    const rest = Math.max(0, count - (seq === state.cursor.segment ? state.cursor.index : 0));
    waiting += rest;
    if (rest > 0) oldest ??= manifest.committedAt;
  }
  const { health, counts } = state;
  return {
    id: subscription.id,
    tenant: subscription.tenant,
    state: health.status,
    ...counts,
    waiting,
    oldestUndeliveredMs: oldest === undefined ? 0 : Math.max(0, clock.nowMs() - Date.parse(oldest)),
    failures: health.failures,
    ...(health.retryAtMs !== undefined && { retryAt: new Date(health.retryAtMs).toISOString() }),
    ...(health.lastAnswer !== undefined && { lastAnswer: health.lastAnswer }),
  };
};
