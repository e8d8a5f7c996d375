/**
 * When a failed batch is tried again, when the operator hears of it, and when its subscription is switched off.
 *
 * The timetable is the example of Standard Webhooks 1.0.0 ("Deliverability and reliability"): 0, 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h,
 * 20 h, 24 h; the 0 is the first attempt. Afterwards once a day, until 5 days have passed without a success.
 */
import type { Outcome } from './batch.ts';

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Waits after the 1st, 2nd, … failure in a row; the last one repeats. */
const timetableMs = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  dayMs,
] as const;

/** Up to a fifth earlier or later, so that subscriptions that failed in the same outage are not tried all at once. */
const jitter = 0.2;
const longestRetryAfterMs = dayMs;
const shortestThrottleCeilingMs = 5 * minuteMs;
const shortestPauseMs = hourMs;
const disabledAfterMs = 5 * dayMs;
/** At this many failures in a row a subscription is `failing`, and the operator is told. */
export const firstToldAtFailure = 4;

/** An outcome after which the same batch waits. `too large` and `poison` make another batch at once; `gone` disables the subscription. */
export type WaitingOutcome = Extract<Outcome, { readonly kind: 'retry' | 'throttled' | 'misconfigured' }>;

export interface FailedAttempt {
  /** Failures in a row, this one included: 1 or more. */
  readonly failures: number;
  /** From 0 to 1, as of `Math.random()`. */
  readonly random: number;
  readonly outcome: WaitingOutcome;
  readonly nowMs: number;
}

/**
 * When to try again, epoch milliseconds; always later than `nowMs`.
 *
 * - `retry`: the timetable, ±20 %.
 * - `throttled` with a `Retry-After`: never earlier than asked, up to 20 % later, at most 24 h. If the receiver keeps asking for less, the
 *   wait is still 1, 2, 4, … s (up to 5 min), so that `Retry-After: 0` makes no tight loop. Without a `Retry-After`: the timetable.
 * - `misconfigured`: the timetable, but at least an hour: nobody corrects settings in 5 s, and a correction is noticed by the next attempt.
 */
export const nextAttempt = ({ failures, random, outcome, nowMs }: FailedAttempt): number => {
  const scheduledMs = timetableMs[Math.min(failures, timetableMs.length) - 1] ?? timetableMs[0];
  const spread = (ms: number): number => Math.round(ms * (1 + jitter * (2 * random - 1)));
  switch (outcome.kind) {
    case 'retry':
      return nowMs + spread(scheduledMs);
    case 'misconfigured':
      return nowMs + spread(Math.max(scheduledMs, shortestPauseMs));
    case 'throttled': {
      const askedMs = outcome.retryAfterMs;
      if (askedMs === undefined || !Number.isFinite(askedMs) || askedMs < 0) return nowMs + spread(scheduledMs);
      const leastMs = Math.min(2 ** (failures - 1) * secondMs, shortestThrottleCeilingMs);
      const waitMs = Math.max(askedMs, leastMs) * (1 + jitter * random);
      return nowMs + Math.round(Math.min(waitMs, longestRetryAfterMs));
    }
    default:
      return outcome satisfies never;
  }
};

/**
 * Whether a subscription is switched off now: 5 days without a success.
 * @param failingSinceMs when the first of the failures in a row happened, epoch milliseconds
 */
export const isDisabled = (failingSinceMs: number, nowMs: number): boolean => nowMs - failingSinceMs >= disabledAfterMs;

/** Whether to tell that a subscription is about to be switched off: within a day, or with the next failure. */
export const isDisabledSoon = (of: {
  readonly failingSinceMs: number;
  readonly nowMs: number;
  readonly retryAtMs: number;
}): boolean => isDisabled(of.failingSinceMs, of.nowMs + dayMs) || isDisabled(of.failingSinceMs, of.retryAtMs);

/** When a subscription is switched off if it does not succeed before, epoch ms. */
export const disabledAtMs = (failingSinceMs: number): number => failingSinceMs + disabledAfterMs;

/**
 * Whether the operator is told of this failure: on the 4th in a row, then once a day.
 * @param toldAtMs when the operator was last told of this row of failures; `undefined`: not yet
 */
export const tellsOperator = (failures: number, toldAtMs: number | undefined, nowMs: number): boolean =>
  toldAtMs === undefined ? failures >= firstToldAtFailure : nowMs - toldAtMs >= dayMs;
