import type { Taken } from '../../core/poll.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { logAttempt } from '../deliver/log-attempt.ts';
import type { PollDeps } from '../poll-subscription.ts';

/** An acknowledged batch is an attempt that succeeded: in the log of attempts, and as one line of telemetry. */
export const logAcknowledged = async (
  deps: PollDeps,
  subscription: Subscription,
  after: SubscriptionState,
  { id, handed }: Taken,
): Promise<void> => {
  const nowMs = deps.clock.nowMs();
  const outcome = { kind: 'delivered', answer: 'acknowledged' } as const;
  const { events } = handed;
  const { sequence } = after;
  deps.telemetry.attempt({
    subscription: subscription.id,
    tenant: subscription.tenant,
    destination: 'poll',
    batch: id,
    sequence,
    attempt: 1,
    outcome: outcome.kind,
    answer: outcome.answer,
    events,
    bytes: handed.bytes,
    durationMs: nowMs - handed.atMs,
  });
  const tried = { kind: 'batch', batch: id, sequence, number: 1, events, outcome } as const;
  await logAttempt(deps, subscription.id, { ...tried, startedAtMs: handed.atMs, endedAtMs: nowMs });
};
