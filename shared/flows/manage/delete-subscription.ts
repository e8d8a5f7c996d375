import { rosterPartition, tombstoneOf } from '../../core/stored-subscription.ts';
import { type Answer, changedElsewhere, done, isRefusal } from './answer.ts';
import { auditedWrite } from './audited-write.ts';
import type { Caller } from './caller.ts';
import { type Expecting, findStored } from './find-expected.ts';
import type { ManageDeps } from './manage-deps.ts';
import { afterChange, leaveToSweep, removeTraces } from './sweep-subscriptions.ts';

/**
 * From now on it is gone for everybody and nothing is sent any more; its credentials and what is left of it are removed. A delivery under way
 * finds no state to commit to. What a crash leaves is swept within two hours.
 */
export const deleteSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { expected }: Expecting = {},
): Promise<Answer<undefined>> => {
  const found = await findStored(deps, caller, id, expected);
  if (isRefusal(found)) return found;
  const { tenant } = found.subscription;
  await leaveToSweep(deps, id);
  const value = tombstoneOf(found.stored, new Date(deps.clock.nowMs()).toISOString());
  const record = { partition: rosterPartition(tenant), id, value };
  const change = { action: 'subscription-deleted', tenant, id, by: caller.by } as const;
  if ((await auditedWrite(deps, record, found.version, change)) === 'conflict')
    return changedElsewhere(found.version + 1);
  await afterChange(deps, id, removeTraces(deps, id));
  return done(undefined);
};
