import { afterDigest, type Decision } from '../../core/after-outcome.ts';
import type { Tried } from '../../core/attempt.ts';
import { closedDigest, type DigestOutcome, digestDueAtMs, digestName, digestOf } from '../../core/digest.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { Destination } from '../../ports/destination.ts';

/** When this destination is to be given the next digest, epoch ms; `undefined` when it has nothing that is to be attested. */
const dueAtMs = ({ attest, description }: Destination, { digest }: SubscriptionState): number | undefined =>
  // Objects that lie elsewhere, where the subscription once went, cannot be attested here.
  attest && digest?.place === description ? digestDueAtMs(digest) : undefined;

export const isDigestDue = (destination: Destination, state: SubscriptionState, nowMs: number): boolean =>
  (dueAtMs(destination, state) ?? Number.POSITIVE_INFINITY) <= nowMs;

/**
 * When somebody must look again for the sake of a digest alone. Not while a claim or a retry brings the subscription back anyway, and
 * not while it is disabled or held: then nobody looks.
 */
export const digestBringsBackAtMs = (destination: Destination, state: SubscriptionState): number | undefined => {
  const { status, failures, retryAtMs } = state.health;
  const isRetried = failures > 0 && retryAtMs !== undefined;
  return state.claim || isRetried || state.hold || status === 'disabled' ? undefined : dueAtMs(destination, state);
};

/**
 * The next step of a digest that is due: closing it, which fixes its content before anything is written, then writing it. Two steps, each
 * stored, so that a crash at any point and two deliverers at once write one and the same digest.
 * @returns `tried` when something was written, or was to be
 */
export const digestStep = async (
  destination: Destination,
  subscription: Subscription,
  state: SubscriptionState,
  { nowMs, random }: { readonly nowMs: () => number; readonly random: () => number },
): Promise<{ readonly decision: Decision; readonly tried?: Tried }> => {
  const { digest } = state;
  if (!digest || !destination.attest) return { decision: { state, deadLetter: false } };
  if (digest.closedAtMs === undefined)
    return { decision: { state: { ...state, digest: closedDigest(digest, nowMs()) }, deadLetter: false } };
  const written = digestOf(subscription, digest);
  const startedAtMs = nowMs();
  const outcome = await destination.attest(written);
  const endedAtMs = nowMs();
  const number = state.health.failures + 1;
  const batch = digestName(written);
  return {
    decision: afterDigest(state, { outcome, nowMs: endedAtMs, random: random() }, subscription),
    tried: { kind: 'digest', batch, number, events: 0, outcome: asOutcome(outcome), startedAtMs, endedAtMs },
  };
};

const asOutcome = ({ kind, answer }: DigestOutcome): Tried['outcome'] => ({
  kind: kind === 'written' ? 'delivered' : kind,
  answer,
});
