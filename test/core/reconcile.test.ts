import { describe, expect, it } from 'vitest';
import { afterRung, dueRung, lookbackMs, readReconciliation, retentionMs } from '../../shared/core/reconcile.ts';

const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(count * 60);
const now = Date.UTC(2026, 2, 1, 12);

describe('the rung that is due', () => {
  it('is the longest when nothing was ever compared, and none right after that', () => {
    expect(dueRung({}, now)).toBe('horizon');
    expect(dueRung(afterRung({}, 'horizon', now), now)).toBeUndefined();
  });

  it('is the last hour every 5 min, the last day every hour, the horizon every day', () => {
    const last = afterRung({}, 'horizon', now);
    expect(dueRung(last, now + minutes(5))).toBe('hour');
    expect(dueRung(last, now + hours(1))).toBe('day');
    expect(dueRung(last, now + hours(24))).toBe('horizon');
  });

  it('is due although the schedule comes seconds early, or the clock was set back', () => {
    const last = afterRung({}, 'horizon', now);
    expect(dueRung(last, now + minutes(5) - 20_000)).toBe('hour');
    expect(dueRung(last, now - hours(1))).toBe('horizon');
  });
});

describe('how far a rung looks back', () => {
  const back = (rung: 'hour' | 'day' | 'horizon', last: Parameters<typeof lookbackMs>[1], horizonHours = 24) =>
    lookbackMs(rung, last, { nowMs: now, horizonMs: hours(horizonHours) });

  it('is its span and what passed since, so that nothing slips out between two looks', () => {
    const last = { hour: now - minutes(5), day: now - hours(1), horizon: now - hours(24) };
    expect(back('hour', last)).toBe(hours(1) + minutes(5));
    expect(back('day', last)).toBe(hours(25));
    expect(back('horizon', last, 168)).toBe(hours(168 + 24));
  });

  it('counts what a rung as long has looked at: a horizon of a day is looked at every hour', () => {
    expect(back('horizon', { day: now - hours(1), horizon: now - hours(24) })).toBe(hours(25));
  });

  it('reaches back over the time in which nobody looked, as far as events are kept', () => {
    expect(back('hour', { hour: now - hours(30) })).toBe(hours(31));
    expect(back('day', { day: now - hours(24 * 90) })).toBe(retentionMs);
  });
});

describe('the record', () => {
  const whole = {
    completeThrough: '2026-03-01T12:00:00.000000000Z',
    checkedAt: '2026-03-01T12:00:00.000Z',
    rungs: { hour: 1 },
    lateRecovered: 0,
    lateMissed: 0,
    removedAtSource: 0,
    exceptions: 0,
    tallied: { seq: 0, hash: '' },
  };

  it('is read when it is whole', () => {
    expect(readReconciliation(whole)).toEqual(whole);
  });

  it.each([
    undefined,
    null,
    'text',
    [],
    {},
    { ...whole, completeThrough: 'yesterday' },
    { ...whole, lateMissed: -0.5 },
    { ...whole, rungs: { hour: 'noon' } },
    { ...whole, tallied: { seq: '3', hash: '' } },
    { ...whole, unmended: 3 },
  ])('is made anew when it is %j', (value) => {
    expect(readReconciliation(value)).toBeUndefined();
  });
});
