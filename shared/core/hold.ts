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
  const endpoint = endpointIn(subscription);
  return { kind: 'pending', token, sinceMs: nowMs, ...(endpoint !== undefined && { endpoint }) };
};

const endpointIn = (subscription: Asked['subscription']): string | undefined =>
  subscription?.destination.type === 'webhook' ? endpointOf(subscription.destination.url) : undefined;

/** Whether another endpoint than the subscription's answered the challenge last: nothing is sent then. */
export const isOtherProven = ({ proven }: SubscriptionState, subscription: Asked['subscription']): boolean => {
  const endpoint = endpointIn(subscription);
  return proven !== undefined && endpoint !== undefined && proven !== endpoint;
};

/** Whether the subscription's endpoint is being asked; also when it cannot be told. */
const isAskedAlready = (hold: Hold | undefined, subscription: Asked['subscription']): hold is Pending => {
  const endpoint = endpointIn(subscription);
  return hold?.kind === 'pending' && (endpoint === undefined || (hold.endpoint ?? endpoint) === endpoint);
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

/** It goes on at its cursor, whatever held it back; one whose endpoint is unproven is pending. */
export const resumedState = ({ hold, ...state }: SubscriptionState, asked: Asked): SubscriptionState => {
  const resumed = { ...state, health: restedHealth(state.health) };
  if (!isUnproven(hold) && !isOtherProven(state, asked.subscription)) return resumed;
  return { ...resumed, hold: isAskedAlready(hold, asked.subscription) ? hold : pendingHold(asked) };
};

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

/**
 * Its URL has changed: the endpoint is challenged, whatever became of the hold meanwhile, since somebody may have resumed it before the new
 * URL was written. One that somebody paused stays paused, and owes its answer. Failures of the endpoint before do not count.
 */
export const challengedState = (state: SubscriptionState, asked: Asked): SubscriptionState => {
  const { hold } = state;
  if (hold?.kind === 'paused' && !hold.forChange)
    return hold.isUnproven ? state : { ...state, hold: { ...hold, isUnproven: true } };
  if (isAskedAlready(hold, asked.subscription)) return state;
  return { ...state, hold: pendingHold(asked), health: restedHealth(state.health) };
};
