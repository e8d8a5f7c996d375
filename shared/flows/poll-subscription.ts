import { RetryLater } from '../core/errors.ts';
import { type Acknowledgement, acknowledged } from '../core/poll.ts';
import type { Subscription } from '../core/subscription.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { loadState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';
import { handOut } from './poll/hand-out.ts';
import { logAcknowledged } from './poll/log-acknowledged.ts';
import type { PolledBatch } from './poll/polled-batch.ts';

export interface PollDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  /** For `rootKey`: what is polled is signed as what is sent. */
  readonly secrets: Secrets;
  readonly telemetry: Telemetry;
}

export interface PollOptions {
  /** `id` of the batch handed out last: it is committed, and the next one is handed out. */
  readonly acknowledge?: string;
  /** How long to wait for something while nothing is there; at most 20 000, default 0. */
  readonly maxWaitMs?: number;
  /** The caller is gone, or the process stops: the wait ends. */
  readonly signal?: AbortSignal;
}

/** `acknowledged` says what became of `acknowledge`; absent when nothing was to be acknowledged. */
export type Polled = { readonly acknowledged?: Acknowledgement } & (
  | { readonly kind: 'batch'; readonly batch: PolledBatch }
  /** Nothing waits (204). */
  | { readonly kind: 'nothing' }
  /** Somebody paused it: what is acknowledged is recorded, nothing is handed out. */
  | { readonly kind: 'paused'; readonly reason?: string }
  /** No batch of this id was handed out last: nothing was committed. `handedOut`: the id that waits to be acknowledged. */
  | { readonly kind: 'unknown acknowledgement'; readonly handedOut?: string }
);

export const longestPollMs = 20_000;
/** While it waits, a look at state and journal this often. */
const lookEveryMs = 1_000;
const mostTries = 10;

/**
 * Hands out the next batch of a subscription that is polled. The same request without `acknowledge` gets the same batch, byte for byte, for
 * as long as the subscription is not changed; acknowledging it commits it (cursor, sequence, chain, counts) and hands out the next, in one
 * write. Two pollers at once get the same batch: nothing is skipped, and one id never stands for two contents.
 * @throws RetryLater when others kept changing the state, or a store does not answer; nothing was lost, ask again with the same words
 * @throws OperatorMustFix when state or journal cannot be read, or there is no root key
 */
export const pollBatch = async (
  deps: PollDeps,
  subscription: Subscription,
  { acknowledge, maxWaitMs = 0, signal }: PollOptions = {},
): Promise<Polled> => {
  const untilMs = deps.clock.nowMs() + Math.min(maxWaitMs, longestPollMs);
  const first = await pollNow(deps, subscription, acknowledge);
  let polled: Polled = first;
  while (polled.kind === 'nothing') {
    const leftMs = untilMs - deps.clock.nowMs();
    if (leftMs <= 0 || signal?.aborted) break;
    await deps.clock.sleep(Math.min(lookEveryMs, leftMs), signal);
    polled = await pollNow(deps, subscription, undefined);
  }
  return first.acknowledged === undefined ? polled : { ...polled, acknowledged: first.acknowledged };
};

/** One look, repeated when somebody else changed the state meanwhile: an acknowledgement that was stored is then found as one. */
const pollNow = async (
  deps: PollDeps,
  subscription: Subscription,
  acknowledge: string | undefined,
): Promise<Polled> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const { state, version } = await loadState(deps, subscription);
    // Not registered yet, or deleted a moment ago: registering is the pull's business, so that nobody brings it back to life here.
    if (version === 0) return { kind: 'nothing' };
    const now = acknowledge === undefined ? { state } : acknowledged(state, acknowledge, deps.clock.nowMs());
    if (!now) return { kind: 'unknown acknowledgement', ...(state.claim?.handed && { handedOut: state.claim.id }) };
    const polled = await handOut(deps, subscription, { before: state, state: now.state, version });
    if (polled === 'conflict') continue;
    if ('taken' in now && now.taken) await logAcknowledged(deps, subscription, now.state, now.taken);
    return 'acknowledged' in now ? { ...polled, acknowledged: now.acknowledged } : polled;
  }
  throw new RetryLater(
    `Subscription "${subscription.id}" was being changed all the time. Ask again with the same words.`,
  );
};
