import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WaitingOutcome } from '../../shared/core/retry.ts';
import { isDisabled, nextAttempt, tellsOperator } from '../../shared/core/retry.ts';

const nowMs = Date.parse('2026-11-20T10:00:00Z');
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const retry: WaitingOutcome = { kind: 'retry', answer: '500' };
const throttled = (retryAfterMs?: number): WaitingOutcome =>
  retryAfterMs === undefined
    ? { kind: 'throttled', answer: '429' }
    : { kind: 'throttled', answer: '429', retryAfterMs };
const misconfigured: WaitingOutcome = { kind: 'misconfigured', answer: '401' };

const waitMs = (outcome: WaitingOutcome, failures: number, random = 0.5): number =>
  nextAttempt({ failures, random, outcome, nowMs }) - nowMs;

describe('the retry timetable', () => {
  it.each([
    [1, 5 * second],
    [2, 5 * minute],
    [3, 30 * minute],
    [4, 2 * hour],
    [5, 5 * hour],
    [6, 10 * hour],
    [7, 14 * hour],
    [8, 20 * hour],
    [9, day],
    [10, day],
    [1000, day],
  ])('after failure %i in a row waits %i ms', (failures, expected) => {
    expect(waitMs(retry, failures)).toBe(expected);
  });

  it('spreads each wait by a fifth to both sides', () => {
    expect(waitMs(retry, 2, 0)).toBe(4 * minute);
    expect(waitMs(retry, 2, 1)).toBe(6 * minute);
  });

  it('looks at a misconfigured destination once an hour at most, later by the timetable', () => {
    expect(waitMs(misconfigured, 1)).toBe(hour);
    expect(waitMs(misconfigured, 5)).toBe(5 * hour);
  });
});

describe('Retry-After', () => {
  it('is honoured, never earlier than asked and at most a fifth later', () => {
    expect(waitMs(throttled(90 * second), 1, 0)).toBe(90 * second);
    expect(waitMs(throttled(90 * second), 1, 1)).toBe(108 * second);
  });

  it('is honoured also where the timetable would wait longer', () => {
    expect(waitMs(throttled(10 * minute), 8, 0)).toBe(10 * minute);
  });

  it.each([2 * day, 1e15, Number.MAX_SAFE_INTEGER])('of %i ms waits 24 hours', (asked) => {
    expect(waitMs(throttled(asked), 1, 1)).toBe(day);
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('of %d ms means nothing: the timetable holds', (asked) => {
    expect(waitMs(throttled(asked), 2)).toBe(5 * minute);
  });

  it('of 0 is no tight loop: the least wait doubles from a second to five minutes', () => {
    expect([1, 2, 3, 4].map((failures) => waitMs(throttled(0), failures, 0))).toEqual([1000, 2000, 4000, 8000]);
    expect(waitMs(throttled(0), 1000, 0)).toBe(5 * minute);
  });

  it('that is missing leaves the timetable', () => {
    expect(waitMs(throttled(), 3)).toBe(30 * minute);
  });
});

it('always waits at least a second and at most 24 hours and a fifth', () => {
  const outcomes = fc.oneof(
    fc.constant(retry),
    fc.constant(misconfigured),
    fc.double().map((ms) => throttled(ms)),
  );
  const failures = fc.integer({ min: 1, max: 10_000 });
  const random = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(outcomes, failures, random, (outcome, count, chance) => {
      const wait = waitMs(outcome, count, chance);
      expect(wait).toBeGreaterThanOrEqual(second);
      expect(wait).toBeLessThanOrEqual(1.2 * day);
      expect(Number.isInteger(wait)).toBe(true);
    }),
  );
});

describe('a subscription that keeps failing', () => {
  it('is switched off after five days without a success, not a moment earlier', () => {
    expect(isDisabled(nowMs, nowMs + 5 * day - 1)).toBe(false);
    expect(isDisabled(nowMs, nowMs + 5 * day)).toBe(true);
  });

  it('is brought to the operator on the fourth failure, then daily', () => {
    expect([1, 2, 3, 4, 5].map((failures) => tellsOperator(failures, undefined, nowMs))).toEqual([
      false,
      false,
      false,
      true,
      true,
    ]);
    expect(tellsOperator(5, nowMs, nowMs + day - 1)).toBe(false);
    expect(tellsOperator(6, nowMs, nowMs + day)).toBe(true);
  });
});
