/** How a poll changes a subscription's state: a request acknowledges the batch that the request before was given. Pure. */
import { afterOutcome } from './after-outcome.ts';
import { batchLimits } from './batch-limits.ts';
import type { Claim, HandedOut, SubscriptionState } from './subscription-state.ts';

/** `now`: this request committed the batch · `before`: it had been committed, this is a repeat. */
export type Acknowledgement = 'now' | 'before';

/** A batch that was just acknowledged. */
export interface Taken {
  readonly id: string;
  readonly handed: HandedOut;
}

/**
 * The state once the batch of this id is acknowledged; `undefined` if it is neither the batch handed out nor the one before it. The batch
 * is committed as it was handed out, even if the subscription has been changed since.
 */
export const acknowledged = (
  state: SubscriptionState,
  id: string,
  nowMs: number,
):
  | { readonly state: SubscriptionState; readonly acknowledged: Acknowledgement; readonly taken?: Taken }
  | undefined => {
  const { claim } = state;
  if (claim?.handed && claim.id === id) {
    const { handed } = claim;
    const outcome = { kind: 'delivered', answer: 'acknowledged', contentSha256: handed.sha256 } as const;
    const decision = afterOutcome(state, { claim, ...handed, outcome, nowMs, random: 0 });
    return { state: { ...decision.state, acknowledged: id }, acknowledged: 'now', taken: { id, handed } };
  }
  return state.acknowledged === id ? { state, acknowledged: 'before' } : undefined;
};

/** The state once a batch is handed out. No process is sending it, so the claim's `until` has passed at once. */
export const handedOut = (
  state: SubscriptionState,
  batch: Omit<Claim, 'until'> & Taken,
  nowMs: number,
): SubscriptionState => {
  const claim: Claim = { ...batch, until: nowMs };
  return { ...state, claim, health: { ...state.health, unfetchedSinceMs: state.health.unfetchedSinceMs ?? nowMs } };
};

/**
 * Events and bytes of one answer. A Lambda answers with at most 6 MB of JSON in which the batch is a text: a quote or backslash of the batch is
 * two bytes there, so a batch of nothing else doubles.
 */
export const pollLimits = { maxEvents: batchLimits.request.maxEvents.to, maxBytes: 3_000_000 } as const;

const dayMs = 24 * 3_600_000;
/**
 * The operator is told after this time, in which a failing webhook would be disabled. A polled subscription is never disabled, because it
 * harms nobody.
 */
const absentAfterMs = 5 * dayMs;

export interface Watched {
  readonly state: SubscriptionState;
  /** When the subscription must be looked at again, epoch ms; absent: nothing waits. */
  readonly dueAtMs?: number;
  /** What the operator must hear: the end of a sentence that begins with the subscription's name. */
  readonly tell?: string;
}

/** Watches whether a poller stays away: the operator is told if a waiting batch was not acknowledged for 5 days, and then daily. */
export const watchPoller = (
  state: SubscriptionState,
  { nowMs, waits }: { readonly nowMs: number; readonly waits: boolean },
): Watched => {
  const { unfetchedSinceMs, toldAtMs, ...health } = state.health;
  if (!waits) return { state: { ...state, health } };
  const sinceMs = unfetchedSinceMs ?? nowMs;
  const dueAtMs = Math.max(sinceMs + absentAfterMs, (toldAtMs ?? 0) + dayMs);
  const late = nowMs >= dueAtMs;
  const told = late ? nowMs : toldAtMs;
  return {
    state: {
      ...state,
      health: { ...health, unfetchedSinceMs: sinceMs, ...(told !== undefined && { toldAtMs: told }) },
    },
    dueAtMs: late ? nowMs + dayMs : dueAtMs,
    ...(late && { tell: tellUnfetched(sinceMs, nowMs) }),
  };
};

const tellUnfetched = (sinceMs: number, nowMs: number): string => {
  const days = Math.floor((nowMs - sinceMs) / dayMs);
  return `is polled, but nothing was acknowledged for ${days} days; nothing is lost while the journal keeps it`;
};
