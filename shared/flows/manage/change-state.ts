import type { AuditAction } from '../../core/audit-event.ts';
import { RetryLater } from '../../core/errors.ts';
import { type SubscriptionState, subscriptionPartition } from '../../core/subscription-state.ts';
import { loadState } from '../deliver/load-state.ts';
import { isRefusal, type Refusal } from './answer.ts';
import { auditedWrite } from './audited-write.ts';
import type { Caller } from './caller.ts';
import type { Found } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';

export interface StateChange {
  readonly state: SubscriptionState;
  /** When somebody must look even if nobody is woken, epoch ms; absent: not before it is woken. */
  readonly dueAtMs?: number;
}

export interface StateChangeOf {
  readonly action: AuditAction;
  readonly reason?: string;
  /** What the change makes of the state as it is, or why it cannot. Asked anew when a delivery changed the state meanwhile. */
  readonly decide: (state: SubscriptionState) => StateChange | Refusal;
}

export type StateDeps = Pick<ManageDeps, 'records' | 'journal' | 'clock' | 'audit' | 'telemetry'>;

const mostTries = 8;

/**
 * Changes a subscription's state between two writes of whoever delivers to it: a delivery under way finds its claim gone and ends.
 * @returns the state as it is stored now, or the refusal
 * @throws RetryLater when deliveries kept changing it
 * @throws OperatorMustFix when the state is lost or cannot be used
 */
export const changeState = async (
  deps: StateDeps,
  caller: Caller,
  { subscription }: Pick<Found, 'subscription'>,
  { action, reason, decide }: StateChangeOf,
): Promise<SubscriptionState | Refusal> => {
  const { id, tenant } = subscription;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { state, version } = await loadState(deps, subscription);
    const decided = decide(state);
    if (isRefusal(decided)) return decided;
    const { state: value, dueAtMs } = decided;
    const record = { partition: subscriptionPartition, id, value, ...(dueAtMs !== undefined && { dueAtMs }) };
    const change = { action, tenant, id, by: caller.by, ...(reason !== undefined && { reason }) };
    if ((await auditedWrite(deps, record, version, change)) === 'stored') return value;
  }
  throw new RetryLater(`Deliveries kept changing the state of subscription "${id}". Nothing was changed: ask again.`);
};
