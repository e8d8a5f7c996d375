import { type Checkpoint, checkpointPartition, isWithoutEnd } from '../../core/checkpoint.ts';
import { msOf } from '../../core/instant.ts';
import { readReconciliation, reconcilePartition } from '../../core/reconcile.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Caller } from './caller.ts';
import type { ViewDeps } from './find-subscription.ts';
import { listSubscriptions } from './read-subscriptions.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface TenantStatus {
  readonly source: {
    readonly id: string;
    /** Every event older than this that was visible is in the journal, ISO 8601; absent: no pull has reached its end yet. */
    readonly completeThrough?: string;
    readonly scannedAt?: string;
    /** Now less `completeThrough`. */
    readonly lagMs?: number;
  };
  readonly subscriptions: readonly TenantSubscriptionStatus[];
  /** How many of them are in each state. */
  readonly states: Readonly<Record<SubscriptionView['state'], number>>;
}

export type TenantSubscriptionStatus = Pick<
  SubscriptionView,
  'id' | 'tenant' | 'state' | 'reason' | 'managed' | 'progress'
>;

const pageSize = 1_000;

/** From state records and the checkpoint alone; an operator's names everybody's subscriptions. */
export const readTenantStatus = async (
  deps: ViewDeps & { readonly clock: Clock },
  caller: Caller,
): Promise<TenantStatus> => {
  const subscriptions: TenantSubscriptionStatus[] = [];
  for (let after: string | undefined = ''; after !== undefined; ) {
    const page = await listSubscriptions(deps, caller, { after, limit: pageSize });
    subscriptions.push(...page.items.map(statusOf));
    after = page.next;
  }
  const states = { pending: 0, active: 0, paused: 0, failing: 0, disabled: 0 };
  for (const { state } of subscriptions) states[state] += 1;
  return { source: await sourceStatus(deps), subscriptions, states };
};

const statusOf = ({ id, tenant, state, reason, managed, progress }: SubscriptionView): TenantSubscriptionStatus => ({
  id,
  tenant,
  state,
  ...(reason !== undefined && { reason }),
  managed,
  progress,
});

const sourceStatus = async ({
  records,
  journal,
  clock,
}: ViewDeps & { readonly clock: Clock }): Promise<TenantStatus['source']> => {
  const checkpoint = ((await records.get(checkpointPartition, journal.source))?.value ?? {}) as Partial<Checkpoint>;
  const { watermark, scannedAt } = checkpoint;
  if (watermark === undefined || isWithoutEnd(checkpoint)) return { id: journal.source };
  const reconciled = readReconciliation((await records.get(reconcilePartition, journal.source))?.value);
  const completeThrough = reconciled?.completeThrough ?? watermark;
  return {
    id: journal.source,
    completeThrough,
    ...(scannedAt !== undefined && { scannedAt }),
    lagMs: Math.max(0, clock.nowMs() - msOf(completeThrough)),
  };
};
