import { OperatorMustFix } from '../../core/errors.ts';
import type { Head, SubscriptionHead } from '../../core/head.ts';
import type { Subscription } from '../../core/subscription.ts';
import { againstHead } from '../../core/subscription-repair.ts';

/**
 * What is signed never goes back: a state that is older than the newest head, or gone, was restored or lost, and a head over it would
 * cover that up.
 * @param heads of the states as they are now, read after the newest head
 * @throws OperatorMustFix naming the subscription
 */
export const checkStates = (
  newest: Head,
  heads: readonly SubscriptionHead[],
  subscriptions: readonly Subscription[],
): void => {
  const states = new Map(heads.map((head) => [head.id, head]));
  const wanted = new Set(subscriptions.map(({ id }) => id));
  for (const signed of newest.subscriptions) {
    const state = states.get(signed.id);
    if (state ? againstHead(state, signed) === 'agrees' : !wanted.has(signed.id)) continue;
    const what = state
      ? `(sequence ${state.sequence}) is neither the one that the head signed at ${newest.at} names (sequence ${signed.sequence}) nor a later one`
      : `is missing, but the head signed at ${newest.at} knows it`;
    throw new OperatorMustFix(
      `The state of subscription "${signed.id}" ${what}: no head was signed. Restore the newest state, or run: npx sluice rebuild-checkpoint`,
    );
  }
};
