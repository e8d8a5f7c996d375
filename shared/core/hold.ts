/** How a subscription is held back and let go: pure, so the time and the random token come from the caller. */
import { endpointOf } from './endpoint.ts';
import { restedHealth } from './health.ts';
import type { Subscription } from './subscription.ts';
import type { Hold, SubscriptionState } from './subscription-state.ts';

export type Pending = Extract<Hold, { readonly kind: 'pending' }>;
type Paused = Extract<Hold, { readonly kind: 'paused' }>;

/** Who is asked for the challenge, and what must be repeated. */
export interface Asked {
  /** With its credentials: what must answer is the whole URL. Absent: its URL cannot be read now, so whichever it is must answer. */
  readonly subscription: Pick<Subscription, 'destination'> | undefined;
  /** Nobody can guess it, see `newChallengeToken`. */
  readonly token: string;
  readonly nowMs: number;
}

/** A new webhook, or one with a new URL, must repeat the token before anything else is sent to it. */
export const pendingHold = ({ subscription, token, nowMs }: Asked): Pending => {
  const destination = subscription?.destination;
  const endpoint = destination?.type === 'webhook' ? endpointOf(destination.url) : undefined;
  return { kind: 'pending', token, sinceMs: nowMs, ...(endpoint !== undefined && { endpoint }) };
};

/** Whether its endpoint still has to answer a challenge. */
export const isUnproven = (hold: Hold | undefined): boolean => hold?.kind === 'pending' || hold?.isUnproven === true;

/** One that was pending still owes its answer to the challenge. */
export const pausedState = (
  state: SubscriptionState,
  { by, sinceMs, reason }: Pick<Paused, 'by' | 'sinceMs'> & { readonly reason: string | undefined },
): SubscriptionState & { readonly hold: Paused } => ({
  ...state,
  hold: {
    kind: 'paused',
    by,
    sinceMs,
    ...(reason !== undefined && { reason }),
    ...(isUnproven(state.hold) && { isUnproven: true }),
  },
});

/** It goes on at its cursor, whatever held it back; one that is unproven is pending. */
export const resumedState = ({ hold, health, ...state }: SubscriptionState, asked: Asked): SubscriptionState => ({
  ...state,
  ...(isUnproven(hold) && { hold: hold?.kind === 'pending' ? hold : pendingHold(asked) }),
  health: restedHealth(health),
});

const changing = 'its URL is being changed; if that was broken off, resuming it sends a challenge';

/** Held while its URL changes. One that somebody had paused stays paused, and owes its answer once it is resumed. */
export const heldForChange = (
  state: SubscriptionState,
  { by, sinceMs }: Pick<Paused, 'by' | 'sinceMs'>,
): SubscriptionState => {
  if (state.hold?.kind === 'paused') return { ...state, hold: { ...state.hold, isUnproven: true } };
  const { hold } = pausedState(state, { by, sinceMs, reason: changing });
  return { ...state, hold: { ...hold, isUnproven: true, forChange: true } };
};

/** Its URL has changed: the endpoint is challenged, unless somebody had paused the subscription. Failures of the one before do not count. */
export const challengedState = (state: SubscriptionState, asked: Asked): SubscriptionState => {
  if (state.hold?.kind !== 'paused' || !state.hold.forChange) return state;
  return { ...state, hold: pendingHold(asked), health: restedHealth(state.health) };
};
