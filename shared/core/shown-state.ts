/** What a person sees of a subscription's state: one word, and the reason in words. */
import { firstToldAtFailure } from './retry.ts';
import type { Health, Hold, SubscriptionState } from './subscription-state.ts';

export const shownStates = ['pending', 'active', 'paused', 'failing', 'disabled'] as const;

export interface ShownState {
  readonly state: (typeof shownStates)[number];
  /** A sentence without its full stop; absent while all is well. Names no secret: answers were masked when they came. */
  readonly reason?: string;
}

/** `disabled` comes before `pending` and `paused`: a person must first know that nothing is tried any more. */
export const shownState = ({ health, hold }: Pick<SubscriptionState, 'health' | 'hold'>): ShownState => {
  if (health.status === 'disabled') return { state: 'disabled', reason: disabledReason(health, hold) };
  if (hold) return hold.kind === 'pending' ? pending(hold, health) : { state: 'paused', reason: pausedReason(hold) };
  if (health.status === 'paused')
    return { state: 'paused', reason: `its settings, or its receiver's, look wrong${said(health)}${next(health)}` };
  if (health.failures >= firstToldAtFailure)
    return {
      state: 'failing',
      reason: `${health.failures} failures in a row${since(health)}${said(health)}${next(health)}`,
    };
  return { state: 'active' };
};

const pending = ({ sinceMs }: Extract<Hold, { kind: 'pending' }>, health: Health): ShownState => {
  const tried = health.failures === 0 ? '' : `; tried ${health.failures === 1 ? 'once' : `${health.failures} times`}`;
  const asked = `the endpoint has not answered the challenge yet, asked since ${instant(sinceMs)}`;
  return { state: 'pending', reason: `${asked}${tried}${said(health)}${next(health)}` };
};

const pausedReason = ({ by, sinceMs, reason }: Extract<Hold, { kind: 'paused' }>): string => {
  const who = by === 'operator' ? 'an operator' : `key ${by}`;
  return `paused by ${who} at ${instant(sinceMs)}${reason === undefined ? '' : `: ${reason}`}`;
};

const disabledReason = (health: Health, hold: Hold | undefined): string => {
  const asked = hold?.kind === 'pending' ? 'the endpoint never answered the challenge' : 'no success';
  const why =
    health.failingSinceMs === undefined
      ? 'the destination wants no more'
      : `${asked} since ${instant(health.failingSinceMs)}`;
  return `${why}${said(health)}; nothing is lost, resuming goes on at its cursor`;
};

const since = ({ failingSinceMs }: Health): string =>
  failingSinceMs === undefined ? '' : ` since ${instant(failingSinceMs)}`;
const said = ({ lastAnswer }: Health): string => (lastAnswer === undefined ? '' : `; last answer: ${lastAnswer}`);
const next = ({ retryAtMs }: Health): string => (retryAtMs === undefined ? '' : `; next try at ${instant(retryAtMs)}`);
const instant = (ms: number): string => new Date(ms).toISOString();
