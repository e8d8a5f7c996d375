/** What an attempt's outcome makes of the subscription's state: pure, so that every case is a line of a table. */
import type { Outcome } from './batch.ts';
import { type DigestOutcome, digestOf, withObject, withoutObjects } from './digest.ts';
import { isDisabled, nextAttempt, tellsOperator } from './retry.ts';
import type { Subscription } from './subscription.ts';
import { type Claim, chainHash, type Health, type SubscriptionState } from './subscription-state.ts';

export interface Attempted {
  readonly claim: Claim;
  readonly events: number;
  readonly filtered: number;
  readonly outcome: Outcome;
  readonly nowMs: number;
  /** From 0 to 1. */
  readonly random: number;
}

export interface Decision {
  readonly state: SubscriptionState;
  /** The one event of the batch goes to the dead letters, with the answer. */
  readonly deadLetter: boolean;
  /** What the operator must hear. */
  readonly tell?: string;
}

/** More single events in a row refused than this: it is not the events that are wrong. */
export const mostDeadLettersInARow = 3;

export const afterOutcome = (state: SubscriptionState, attempted: Attempted): Decision => {
  const { outcome } = attempted;
  switch (outcome.kind) {
    case 'delivered':
      return { state: delivered(state, attempted, outcome), deadLetter: false };
    case 'retry':
    case 'throttled':
      return waiting(state, attempted, { ...outcome }, 'active');
    case 'misconfigured':
      return waiting(state, attempted, { ...outcome }, 'paused');
    case 'gone':
      return {
        state: { ...unclaimed(state), health: { ...state.health, status: 'disabled', lastAnswer: outcome.answer } },
        deadLetter: false,
        tell: `disabled: the destination wants no more (${outcome.answer})`,
      };
    case 'too large':
    case 'poison':
      return refused(state, attempted, outcome.answer);
    default:
      return outcome satisfies never;
  }
};

const unclaimed = ({ claim: _, ...state }: SubscriptionState): SubscriptionState => state;

const delivered = (
  state: SubscriptionState,
  { claim, events, filtered, nowMs }: Attempted,
  { contentSha256, stored }: Extract<Outcome, { kind: 'delivered' }>,
): SubscriptionState => {
  const { narrowedTo, ...rest } = unclaimed(state);
  const sequence = state.sequence + 1;
  const chain = chainHash(state.chain, contentSha256);
  const object = stored && { sequence, object: stored.name, sha256: stored.sha256, events, chain };
  const digest = object && withObject(state.digest, { place: stored.place, previous: state.chain, object, nowMs });
  return {
    ...rest,
    ...widened(narrowedTo),
    cursor: claim.end,
    sequence,
    chain,
    ...(digest && { digest }),
    health: { status: 'active', failures: 0, deadLettersInARow: 0, lastSuccessAtMs: nowMs },
    counts: { ...state.counts, delivered: state.counts.delivered + events, filtered: state.counts.filtered + filtered },
  };
};

const waiting = (
  state: SubscriptionState,
  { nowMs, random }: Pick<Attempted, 'nowMs' | 'random'>,
  outcome: Extract<Outcome, { kind: 'retry' | 'throttled' | 'misconfigured' }>,
  status: Health['status'],
): Decision => {
  const failures = state.health.failures + 1;
  const failingSinceMs = state.health.failingSinceMs ?? nowMs;
  const off = isDisabled(failingSinceMs, nowMs);
  const tells =
    off ||
    (status === 'paused' && state.health.status !== 'paused') ||
    tellsOperator(failures, state.health.toldAtMs, nowMs);
  const { retryAtMs: _, ...before } = state.health;
  const health: Health = {
    ...before,
    status: off ? 'disabled' : status,
    failures,
    failingSinceMs,
    lastAnswer: outcome.answer,
    ...(tells && { toldAtMs: nowMs }),
    ...(!off && { retryAtMs: nextAttempt({ failures, random, outcome, nowMs }) }),
  };
  // The claim keeps its end, and so the batch its id and bytes; nobody is sending it any more.
  const released = state.claim ? { ...state, claim: { ...state.claim, until: nowMs } } : state;
  return { state: { ...released, health }, deadLetter: false, ...(tells && { tell: told(health, outcome.answer) }) };
};

const told = ({ status, failures }: Health, answer: string): string =>
  status === 'disabled'
    ? `disabled after 5 days without a success (${answer}); nothing is lost, enabling it resumes at its cursor`
    : `${status === 'paused' ? 'paused' : 'failing'}, attempt ${failures} in a row (${answer})`;

const refused = (state: SubscriptionState, attempted: Attempted, answer: string): Decision => {
  const { events, filtered, claim, nowMs } = attempted;
  if (events > 1) return { state: { ...unclaimed(state), narrowedTo: Math.floor(events / 2) }, deadLetter: false };
  const inARow = state.health.deadLettersInARow + 1;
  if (inARow > mostDeadLettersInARow) {
    const asked = { kind: 'misconfigured', answer: `refuses every event: ${answer}` } as const;
    return waiting(unclaimed(state), { ...attempted, nowMs }, asked, 'paused');
  }
  const { counts, health } = state;
  return {
    state: {
      ...unclaimed(state),
      narrowedTo: 1,
      cursor: claim.end,
      health: { ...health, deadLettersInARow: inARow, lastAnswer: answer },
      counts: { ...counts, deadLetters: counts.deadLetters + 1, filtered: counts.filtered + filtered },
    },
    deadLetter: true,
    tell: `an event went to the dead letters (${answer})`,
  };
};

/** After a success the next batch may be twice as large, until the subscription's own limit holds again. */
const widened = (narrowedTo: number | undefined): Pick<SubscriptionState, 'narrowedTo'> =>
  narrowedTo === undefined || narrowedTo >= 512 ? {} : { narrowedTo: narrowedTo * 2 };

/** What writing a closed digest makes of the state. While one cannot be written nothing else is sent, so that no object goes unattested. */
export const afterDigest = (
  state: SubscriptionState,
  { outcome, nowMs, random }: { readonly outcome: DigestOutcome } & Pick<Attempted, 'nowMs' | 'random'>,
  subscription: Pick<Subscription, 'id' | 'tenant'>,
): Decision => {
  switch (outcome.kind) {
    case 'written': {
      const { digest, health } = state;
      const written = digest && withoutObjects(digest, digestOf(subscription, digest));
      return {
        state: { ...state, ...(written && { digest: written }), health: health.failures > 0 ? mended(health) : health },
        deadLetter: false,
      };
    }
    case 'retry':
      return waiting(state, { nowMs, random }, asDigest(outcome), 'active');
    case 'misconfigured':
      return waiting(state, { nowMs, random }, asDigest(outcome), 'paused');
    default:
      return outcome satisfies never;
  }
};

const mended = ({ deadLettersInARow, lastSuccessAtMs }: Health): Health => ({
  status: 'active',
  failures: 0,
  deadLettersInARow,
  ...(lastSuccessAtMs !== undefined && { lastSuccessAtMs }),
});

const asDigest = <O extends { readonly answer: string }>(outcome: O): O => ({
  ...outcome,
  answer: `the digest of its objects was not written: ${outcome.answer}`,
});
