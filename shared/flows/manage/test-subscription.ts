import { randomBytes } from 'node:crypto';
import type { Outcome, Response } from '../../core/batch.ts';
import { RetryLater } from '../../core/errors.ts';
import { isUnproven } from '../../core/hold.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { subscriptionPartition } from '../../core/subscription-state.ts';
import { logAttempt } from '../deliver/log-attempt.ts';
import { type Answer, done, notFound, refused } from './answer.ts';
import { auditedWrite } from './audited-write.ts';
import type { Caller } from './caller.ts';
import { findSubscription } from './find-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import { type Reserved, reserveTest } from './reserve-test.ts';

/** What a test message came to. */
export interface TestResult {
  readonly kind: Outcome['kind'];
  /** What the other side said, for people. */
  readonly answer: string;
  readonly response?: Response;
  readonly durationMs: number;
}

/**
 * Sends a signed example event; it has no place in the chain. One at a time and ten a minute for each subscription.
 * @returns `refused` `not now`; `wrong state`: its endpoint has not proven itself yet, or nothing is ever sent to it (poll)
 */
export const testSubscription = async (
  deps: ManageDeps,
  caller: Caller,
  id: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<Answer<TestResult>> => {
  const found = await findSubscription(deps, caller, id);
  const subscription = found && (await deps.roster.get(id));
  if (!subscription) return notFound;
  const hold = readSubscriptionState((await deps.records.get(subscriptionPartition, id))?.value)?.hold;
  if (isUnproven(hold))
    return refused(
      'wrong state',
      'Its endpoint has not answered the challenge yet, and nothing else is sent there before. Resume it to have the challenge sent again now.',
    );
  const { probe } = await deps.destinationOf(subscription);
  if (!probe) return refused('wrong state', 'Nothing is ever sent: its batches are fetched. Fetch one to try it.');
  const reserved = await reserveTest(deps, id);
  if ('kind' in reserved) return reserved;

  const startedAtMs = deps.clock.nowMs();
  const batch = `msg_${randomBytes(18).toString('base64url')}`;
  const message = { kind: 'test', id: batch, subscription: id, at: new Date(startedAtMs).toISOString() } as const;
  await deps.once?.changing();
  const outcome = await probe(message, { number: 1, ...(signal && { signal }) });
  const endedAtMs = deps.clock.nowMs();
  await logAttempt(deps, id, { kind: 'test', batch, number: 1, events: 1, outcome, startedAtMs, endedAtMs });
  await recordTest(deps, caller, subscription, reserved, outcome);
  const { kind, answer, response } = outcome;
  return done({ kind, answer, ...(response && { response }), durationMs: endedAtMs - startedAtMs });
};

/** Without `once`: it guards the message, which is sent by now, whether or not the record of it can be written. */
const recordTest = async (
  { once: _, ...deps }: ManageDeps,
  caller: Caller,
  { id, tenant }: { readonly id: string; readonly tenant: string },
  { record, version }: Reserved,
  { kind }: Outcome,
): Promise<void> => {
  const outcome = kind === 'delivered' ? 'success' : 'failure';
  const change = { action: 'subscription-tested', tenant, id, by: caller.by, outcome } as const;
  const value = { ...record.value, busyUntilMs: 0 };
  if ((await auditedWrite(deps, { ...record, value }, version, change)) === 'conflict')
    throw new RetryLater(`A test message was sent to subscription "${id}", but another took its place meanwhile.`);
};
