import { randomBytes } from 'node:crypto';
import { afterChallenge, type Decision } from '../../core/after-outcome.ts';
import type { Tried } from '../../core/attempt.ts';
import type { Pending } from '../../core/hold.ts';
import type { Probe } from '../../core/probe.ts';
import { sha256Hex } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Destination } from '../../ports/destination.ts';

const tokenBytes = 32;

/** What a `pending` endpoint must repeat; nobody can guess it. */
export const newChallengeToken = (): string => randomBytes(tokenBytes).toString('base64url');

/** Each try has an id of its own: its body says when it was made. */
export const challengeOf = (subscription: string, { token }: Pending, nowMs: number): Probe => {
  const at = new Date(nowMs).toISOString();
  const id = Buffer.from(sha256Hex(`challenge ${subscription} ${token} ${at}`), 'hex').subarray(0, 18);
  return { kind: 'challenge', id: `msg_${id.toString('base64url')}`, subscription, token, at };
};

/** Asks the endpoint to repeat the token of a `pending` subscription, once. */
export const challenge = async (
  {
    destination,
    clock,
    random,
    signal,
  }: {
    readonly destination: Required<Pick<Destination, 'probe'>>;
    readonly clock: Clock;
    readonly random: () => number;
    readonly signal?: AbortSignal;
  },
  { id }: Pick<Subscription, 'id'>,
  state: SubscriptionState,
  pending: Pending,
): Promise<{ readonly decision: Decision; readonly tried: Tried }> => {
  const startedAtMs = clock.nowMs();
  const number = state.health.failures + 1;
  const probe = challengeOf(id, pending, startedAtMs);
  const outcome = await destination.probe(probe, { number, ...(signal && { signal }) });
  const nowMs = clock.nowMs();
  return {
    decision: afterChallenge(state, { outcome, nowMs, random: random() }),
    tried: { kind: 'challenge', batch: probe.id, number, events: 0, outcome, startedAtMs, endedAtMs: nowMs },
  };
};
