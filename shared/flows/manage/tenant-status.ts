import { RetryLater } from '../../core/errors.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface TenantStatus {
  readonly source: {
    readonly id: string;
    /** Every event older than this that was visible is in the journal, ISO 8601; absent: nothing was pulled yet. */
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

/** From state records and the checkpoint alone; an operator's names everybody's subscriptions. */
export const readTenantStatus = async (_deps: ManageDeps, _caller: Caller): Promise<TenantStatus> => {
  throw new RetryLater('Not built yet.');
};
