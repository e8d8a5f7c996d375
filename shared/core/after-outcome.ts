/** What an attempt's outcome makes of the subscription's state: pure, so that every case is a line of a table. */
import type { Telling } from './alert.ts';
import type { Outcome } from './batch.ts';
import { type DigestOutcome, digestOf, withObject, withoutObjects } from './digest.ts';
import { mendedHealth, restedHealth } from './health.ts';
import { disabledAtMs, isDisabled, isDisabledSoon, nextAttempt, tellsOperator } from './retry.ts';
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
  readonly tell?: Telling;
}

/** A person is not told of the like more often. */
const toldAgainAfterMs = 3_600_000;
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
      return gone(state, outcome.answer);
    case 'too large':
    case 'poison':
      return refused(state, attempted, outcome.answer);
    default:
      return outcome satisfies never;
  }
};

const unclaimed = ({ claim: _, ...state }: SubscriptionState): SubscriptionState => state;

/** Without `failingSinceMs`: it is switched off for what was said, not for how long it failed. */
const gone = (state: SubscriptionState, answer: string): Decision => {
  const { retryAtMs: _, failingSinceMs: __, ...health } = state.health;
  return {
    state: { ...unclaimed(state), health: { ...health, status: 'disabled', lastAnswer: answer } },
    deadLetter: false,
    tell: {
      kind: 'subscription disabled',
      text: `is disabled: the destination wants no more (${answer}); nothing is lost, resuming goes on at its cursor`,
      to: 'person',
    },
  };
};

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
    health: { ...restedHealth(state.health), lastSuccessAtMs: nowMs },
    counts: { ...state.counts, delivered: state.counts.delivered + events, filtered: state.counts.filtered + filtered },
  };
};

const waiting = (
  state: SubscriptionState,
  { nowMs, random }: Pick<Attempted, 'nowMs' | 'random'>,
  outcome: Extract<Outcome, { kind: 'retry' | 'throttled' | 'misconfigured' }>,
  status: Health['status'],
): Decision => {
  const { answer } = outcome;
  const { retryAtMs: _, ...before } = state.health;
  const failures = before.failures + 1;
  const failingSinceMs = before.failingSinceMs ?? nowMs;
  const failed = { ...before, failures, failingSinceMs, lastAnswer: answer };
  // The claim keeps its end, and so the batch its id and bytes; nobody is sending it any more.
  const released = state.claim ? { ...state, claim: { ...state.claim, until: nowMs } } : state;
  const decided = (health: Health, tell?: Telling): Decision => ({
    state: { ...released, health: tell ? { ...health, toldAtMs: nowMs } : health },
    deadLetter: false,
    ...(tell && { tell }),
  });

  if (isDisabled(failingSinceMs, nowMs)) return decided({ ...failed, status: 'disabled' }, tellDisabled(state, answer));
  const retryAtMs = nextAttempt({ failures, random, outcome, nowMs });
  const health = { ...failed, status, retryAtMs };
  const soon = isDisabledSoon({ failingSinceMs, nowMs, retryAtMs });
  const isDue = tellsOperator(failures, before.toldAtMs, nowMs);
  if (soon && (isDue || before.warnedAtMs === undefined))
    return decided({ ...health, warnedAtMs: nowMs }, tellSoon(failingSinceMs, answer));
  // One that answers now this, now that, is not told of each time.
  const isNew = before.status !== 'paused' && nowMs - (before.toldAtMs ?? Number.NEGATIVE_INFINITY) >= toldAgainAfterMs;
  if (status === 'paused' && (isDue || isNew)) return decided(health, tellPaused(failures, answer));
  return isDue ? decided(health, tellFailing(state, failures, answer)) : decided(health);
};

const tellDisabled = ({ hold }: SubscriptionState, answer: string): Telling => {
  const without = hold?.kind === 'pending' ? 'an answer to its challenge' : 'a success';
  const text = `is disabled after 5 days without ${without} (${answer}); nothing is lost, resuming goes on at its cursor`;
  return { kind: 'subscription disabled', text, to: 'person' };
};

const tellSoon = (failingSinceMs: number, answer: string): Telling => {
  const at = new Date(disabledAtMs(failingSinceMs)).toISOString();
  const text = `is failing for days (${answer}); it is disabled with the first failure after ${at}`;
  return { kind: 'disabled soon', text, to: 'person' };
};

const tellPaused = (failures: number, answer: string): Telling => ({
  kind: 'subscription paused',
  text: `is paused, attempt ${failures} in a row (${answer}): its settings or its receiver's look wrong; mended, it goes on by itself within hours, or at once when it is resumed`,
  to: 'person',
});

const tellFailing = ({ hold }: SubscriptionState, failures: number, answer: string): Telling => {
  const what = hold?.kind === 'pending' ? 'does not answer its challenge' : 'is failing';
  const text = `${what}, attempt ${failures} in a row (${answer}); it is tried again by the timetable`;
  return { kind: 'subscription failing', text, to: 'person' };
};

/** What an answer to the challenge makes of a state that waits for it: deliveries begin at the cursor, or it is asked again later. */
export const afterChallenge = (
  state: SubscriptionState,
  { outcome, nowMs, random }: Pick<Attempted, 'outcome' | 'nowMs' | 'random'>,
): Decision => {
  switch (outcome.kind) {
    case 'delivered': {
      const { hold, ...free } = state;
      const proven = hold?.kind === 'pending' ? hold.endpoint : undefined;
      return {
        state: { ...free, ...(proven !== undefined && { proven }), health: mendedHealth(state.health) },
        deadLetter: false,
      };
    }
    case 'gone':
      return gone(state, outcome.answer);
    case 'throttled':
      return waiting(state, { nowMs, random }, outcome, 'active');
    case 'retry':
    case 'misconfigured':
    case 'too large':
    case 'poison':
      // Whoever sets an endpoint up tries again within minutes, whatever it answered before.
      return waiting(state, { nowMs, random }, { kind: 'retry', answer: outcome.answer }, 'active');
    default:
      return outcome satisfies never;
  }
};

const refused = (state: SubscriptionState, attempted: Attempted, answer: string): Decision => {
  const { events, filtered, claim, nowMs } = attempted;
  if (events > 1) return { state: { ...unclaimed(state), narrowedTo: Math.floor(events / 2) }, deadLetter: false };
  const inARow = state.health.deadLettersInARow + 1;
  if (inARow > mostDeadLettersInARow) {
    const asked = { kind: 'misconfigured', answer: `refuses every event: ${answer}` } as const;
    return waiting(unclaimed(state), { ...attempted, nowMs }, asked, 'paused');
  }
  const { counts, health } = state;
  const isFirst = nowMs - (health.deadLetterToldAtMs ?? Number.NEGATIVE_INFINITY) >= toldAgainAfterMs;
  return {
    state: {
      ...unclaimed(state),
      narrowedTo: 1,
      cursor: claim.end,
      health: {
        ...health,
        deadLettersInARow: inARow,
        lastAnswer: answer,
        ...(isFirst && { deadLetterToldAtMs: nowMs }),
      },
      counts: { ...counts, deadLetters: counts.deadLetters + 1, filtered: counts.filtered + filtered },
    },
    deadLetter: true,
    tell: {
      kind: 'dead letter',
      text: `has an event that its receiver will not take: it went to the dead letters (${answer})`,
      to: isFirst ? 'person' : 'log',
    },
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
        state: {
          ...state,
          ...(written && { digest: written }),
          health: health.failures > 0 ? mendedHealth(health) : health,
        },
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

const asDigest = <O extends { readonly answer: string }>(outcome: O): O => ({
  ...outcome,
  answer: `the digest of its objects was not written: ${outcome.answer}`,
});
