import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Attempted, afterOutcome, mostDeadLettersInARow } from '../../shared/core/after-outcome.ts';
import type { Outcome } from '../../shared/core/batch.ts';
import { chainHash, freshState, type SubscriptionState } from '../../shared/core/subscription-state.ts';

const claim = { id: 'msg_1', end: { segment: 1, index: 4 }, until: 60_000 };
const state: SubscriptionState = { ...freshState({ segment: 1, index: 0 }), claim };
const sha = 'ab'.repeat(32);

const stateAfter = (outcome: Outcome, overrides: Partial<Attempted> = {}, from: SubscriptionState = state) =>
  afterOutcome(from, { claim, events: 4, filtered: 2, outcome, nowMs: 1_000, random: 0.5, ...overrides });

describe('what an outcome makes of a subscription', () => {
  it('delivered: the cursor is at the end of the claim, the chain goes on, everything is counted', () => {
    const { state: next } = stateAfter({ kind: 'delivered', answer: '200', contentSha256: sha });
    expect(next).toMatchObject({ cursor: claim.end, sequence: 1, chain: chainHash(state.chain, sha) });
    expect(next.counts).toEqual({ delivered: 4, filtered: 2, deadLetters: 0 });
    expect(next.claim).toBeUndefined();
  });

  it.each([
    { kind: 'retry', answer: '500' },
    { kind: 'throttled', answer: '429', retryAfterMs: 9_000 },
    { kind: 'misconfigured', answer: '401' },
  ] as const)('$kind: the cursor stays, the claim keeps its end, and a time is set', (outcome) => {
    const { state: next } = stateAfter(outcome);
    expect(next.cursor).toEqual(state.cursor);
    expect(next.claim).toMatchObject({ id: claim.id, end: claim.end });
    expect(next.health.retryAtMs).toBeGreaterThan(1_000);
    expect(next.counts.delivered).toBe(0);
  });

  it('gone: switched off, cursor kept, operator told', () => {
    const decision = stateAfter({ kind: 'gone', answer: '410' });
    expect(decision.state).toMatchObject({ cursor: state.cursor, health: { status: 'disabled' } });
    expect(decision.tell).toMatchObject({ kind: 'subscription disabled', text: expect.stringContaining('410') });
  });

  it.each(['too large', 'poison'] as const)('%s: a batch of several is halved, one event alone is buried', (kind) => {
    expect(stateAfter({ kind, answer: 'no' }).state).toMatchObject({ narrowedTo: 2, cursor: state.cursor });
    const alone = stateAfter({ kind, answer: 'no' }, { events: 1 });
    expect(alone).toMatchObject({ deadLetter: true, state: { cursor: claim.end, counts: { deadLetters: 1 } } });
  });

  it('pauses instead of burying when too many single events in a row are refused', () => {
    const refused = { ...state, health: { ...state.health, deadLettersInARow: mostDeadLettersInARow } };
    const decision = stateAfter({ kind: 'poison', answer: '400' }, { events: 1 }, refused);
    expect(decision).toMatchObject({
      deadLetter: false,
      state: { cursor: state.cursor, health: { status: 'paused' } },
    });
  });

  it('grows a narrowed batch again with every success, until its own limit holds', () => {
    let now: SubscriptionState = { ...state, narrowedTo: 1 };
    const sizes: (number | undefined)[] = [];
    for (let success = 0; success < 11; success += 1) {
      now = stateAfter({ kind: 'delivered', answer: '200', contentSha256: sha }, {}, { ...now, claim }).state;
      sizes.push(now.narrowedTo);
    }
    expect(sizes).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, undefined, undefined]);
  });
});

describe('a row of failures until the subscription is disabled', () => {
  const dayMs = 24 * 3_600_000;
  const failed = fc.oneof(
    fc.constant<Outcome>({ kind: 'retry', answer: '503' }),
    fc.constant<Outcome>({ kind: 'misconfigured', answer: '401' }),
    fc
      .integer({ min: 0, max: 2 * dayMs })
      .map((ms): Outcome => ({ kind: 'throttled', answer: '429', retryAfterMs: ms })),
    fc
      .integer({ min: 3_600_000, max: 7_200_000 })
      .map((ms): Outcome => ({ kind: 'throttled', answer: '429', retryAfterMs: ms })),
  );
  const steps = fc.array(fc.tuple(failed, fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 400,
    maxLength: 400,
  });

  it('always tells of it before, from a day ahead on, at most once a day but for what is new, and in the end', () => {
    fc.assert(
      fc.property(steps, (given) => {
        let now = state;
        let nowMs = 1_000;
        const told: { readonly kind: string; readonly atMs: number }[] = [];
        for (const [outcome, random] of given) {
          const decision = stateAfter(outcome, { nowMs, random }, now);
          now = decision.state;
          if (decision.tell) told.push({ kind: decision.tell.kind, atMs: nowMs });
          if (now.health.status === 'disabled') break;
          nowMs = now.health.retryAtMs ?? Number.NaN;
        }
        if (now.health.status !== 'disabled') return;
        const offMs = 1_000 + 5 * dayMs;
        expect(told.at(-1)?.kind).toBe('subscription disabled');
        const before = told.slice(0, -1);
        expect(before.map(({ kind }) => kind)).toContain('disabled soon');
        for (const { kind, atMs } of before) if (atMs >= offMs - dayMs) expect(kind).not.toBe('subscription failing');
        expect(before.length).toBeLessThanOrEqual(2 + 5 + pauses(given));
      }),
      { numRuns: 200 },
    );
  });
});

/** How often a row of failures turns into a pause: each time the operator hears of it. */
const pauses = (given: readonly (readonly [Outcome, number])[]): number =>
  given.filter(([{ kind }], at) => kind === 'misconfigured' && given[at - 1]?.[0].kind !== 'misconfigured').length;
