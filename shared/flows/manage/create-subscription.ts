import { BadBody, type BodyMistake } from '../../core/bad-body.ts';
import { RetryLater } from '../../core/errors.ts';
import { everyTenant, tenantIdShape } from '../../core/event.ts';
import { pendingHold } from '../../core/hold.ts';
import { rosterPartition, type StoredSubscription } from '../../core/stored-subscription.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { got, isObject } from '../../core/written.ts';
import { newChallengeToken } from '../deliver/challenge.ts';
import { loadState, storeState } from '../deliver/load-state.ts';
import { newExternalId, newSubscriptionId } from '../roster/new-ids.ts';
import { enterTenant } from '../roster/stored.ts';
import { type Answer, done, refused } from './answer.ts';
import { auditedWrite } from './audited-write.ts';
import { type Caller, isOperator } from './caller.ts';
import { headByCheckpoint } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { parseWritten, sealedParts } from './parse-written.ts';
import { countStored } from './read-subscriptions.ts';
import { type SigningMaterial, signingMaterialOf } from './signing-material.ts';
import { type SubscriptionView, viewOf } from './subscription-view.ts';
import { afterChange, leaveToSweep, swept } from './sweep-subscriptions.ts';
import { wakeNow } from './wake-now.ts';

export interface Created {
  readonly subscription: SubscriptionView;
  /** Of a webhook; not shown again. */
  readonly signing?: SigningMaterial;
}

const mostOfTenant = 1_000;

/**
 * Makes a subscription of the caller's tenant; an operator names the tenant in `written`. It begins where the journal stands now, or where
 * `start` says; a webhook is sent its challenge at once, and nothing else before it has answered.
 *
 * Written are: a note for the sweep, the state that holds it back, the subscription itself. Whatever crashes, nothing is delivered by a
 * subscription without its state, and a state without its subscription is swept.
 * @param written the body: the form of the subscriptions file, without `id`
 * @returns `refused` `too many`: the tenant has 1 000, those that were deleted in the last two hours included
 * @throws BadBody with every mistake in `written`
 */
export const createSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  written: unknown,
): Promise<Answer<Created>> => {
  const { records, clock } = deps;
  const { tenant, mistakes } = tenantOf(caller, written);
  const owner = { id: newSubscriptionId(tenant), tenant, externalId: newExternalId() };
  const subscription = await parseWritten(deps, written, owner, mistakes);
  if (!isObject(written)) throw new Error('A body that was parsed is an object.');
  if ((await countStored(deps, tenant, mostOfTenant)) >= mostOfTenant)
    return refused(
      'too many',
      `Tenant "${tenant}" has ${mostOfTenant} subscriptions, which is the most; a deleted one counts for up to two hours. Delete one that is not needed, or ask for more with one filter.`,
    );
  const signing = await signingMaterialOf(deps, subscription);
  const at = new Date(clock.nowMs()).toISOString();
  const stored: StoredSubscription = {
    ...(await sealedParts(deps, subscription, written)),
    createdAt: at,
    changedAt: at,
    createdBy: caller.by,
  };
  await leaveToSweep(deps, owner.id);
  const begun = await recordBeginning(deps, subscription);
  const head = await headByCheckpoint(deps);
  await enterTenant(records, tenant);
  const record = { partition: rosterPartition(tenant), id: owner.id, value: stored };
  const change = { action: 'subscription-created', tenant, id: owner.id, by: caller.by } as const;
  if ((await auditedWrite(deps, record, 0, change)) === 'conflict') throw taken();
  await afterChange(deps, owner.id, swept(deps, owner.id));
  await wakeNow(deps, owner.id, 'created');
  const view = viewOf({ subscription: stored.subscription, stored, version: 1 }, begun, head);
  return done({ subscription: view, ...(signing && { signing }) });
};

/** Where it begins must not move on with the journal, and a webhook must be held back, before anybody can find it. */
const recordBeginning = async (deps: ManageDeps, subscription: Subscription): Promise<SubscriptionState> => {
  const nowMs = deps.clock.nowMs();
  const { state } = await loadState(deps, subscription);
  const isHeld = subscription.destination.type === 'webhook';
  const begun = isHeld ? { ...state, hold: pendingHold({ subscription, token: newChallengeToken(), nowMs }) } : state;
  // Due at once: should the wake-up be lost, the index finds it.
  if ((await storeState(deps.records, subscription.id, begun, 0, nowMs)) === 'conflict') throw taken();
  return begun;
};

const taken = (): RetryLater => new RetryLater('The id of a new subscription was taken. Nothing was made: ask again.');

/** Whose it becomes. What a tenant may not name is a mistake, whether or not it exists. */
const tenantOf = (
  caller: Caller,
  written: unknown,
): { readonly tenant: string; readonly mistakes: readonly BodyMistake[] } => {
  const named = isObject(written) ? written['tenant'] : undefined;
  if (!isOperator(caller)) return { tenant: caller.tenant, mistakes: [] };
  if (typeof named === 'string' && (named === everyTenant || tenantIdShape.test(named)))
    return { tenant: named, mistakes: [] };
  const detail = `must be the id of a tenant, or * for an operator; got ${got(named)}; write, for example, "acme"`;
  throw new BadBody([{ path: ['tenant'], detail }]);
};
