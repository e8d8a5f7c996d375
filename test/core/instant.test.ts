import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantFromMs, minuteOf, msOf, toInstant } from '../../shared/core/instant.ts';

describe('an instant', () => {
  it.each([
    ['2021-05-05T09:27:12Z', '2021-05-05T09:27:12.000000000Z'],
    ['2021-05-05T09:27:12.5Z', '2021-05-05T09:27:12.500000000Z'],
    ['2021-05-05T09:27:12.529Z', '2021-05-05T09:27:12.529000000Z'],
    ['2021-05-05T09:27:12.123456789Z', '2021-05-05T09:27:12.123456789Z'],
  ])('has nine fraction digits: %s', (text, canonical) => {
    expect(toInstant(text)).toBe(canonical);
  });

  it.each([
    '+292278994-08-17T07:12:55.807Z',
    '2021-05-05T09:27:12.529+0000',
    '1620206832529',
    '',
    `${'x'.repeat(23)}Z`,
  ])('is not read from anything else: %s', (text) => {
    expect(toInstant(text)).toBeUndefined();
  });

  it('orders as text as it does in time, nanoseconds included', () => {
    const nanos = fc.tuple(fc.integer({ min: 0, max: 4e12 }), fc.nat(999_999));
    const text = ([ms, ns]: readonly [number, number]) =>
      toInstant(`${new Date(ms).toISOString().slice(0, 23)}${String(ns).padStart(6, '0')}Z`) ?? '';
    fc.assert(
      fc.property(nanos, nanos, (a, b) => {
        const order = a[0] - b[0] || a[1] - b[1];
        expect(Math.sign(text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0)).toBe(Math.sign(order));
      }),
    );
  });

  it('comes back from milliseconds, and knows its minute', () => {
    expect(msOf(instantFromMs(1_620_206_832_529))).toBe(1_620_206_832_529);
    expect(minuteOf(instantFromMs(1_620_206_832_529))).toBe('2021-05-05T09:27');
  });
});
