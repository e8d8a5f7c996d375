import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halvedPageSize, nextPageSize, pageSizes } from '../../shared/core/page-size.ts';

describe('the size of the next page', () => {
  it('grows step by step while events are small', () => {
    expect(nextPageSize(1_000, { hits: 1_000, bytes: 200_000 })).toBe(2_000);
    expect(nextPageSize(4_000, { hits: 4_000, bytes: 800_000 })).toBe(pageSizes.most);
  });

  it('falls at once to what fits when events are large', () => {
    expect(nextPageSize(1_000, { hits: 1_000, bytes: 300_000_000 })).toBe(6);
  });

  it('stays where it is when a page brought nothing to judge by', () => {
    expect(nextPageSize(1_000, { hits: 0, bytes: 200 })).toBe(1_000);
  });

  it('always asks for something, and never for more than the most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5_000 }), fc.nat(5_000), fc.nat(1e9), (size, hits, bytes) => {
        const next = nextPageSize(size, { hits, bytes });
        expect(next).toBeGreaterThanOrEqual(1);
        expect(next).toBeLessThanOrEqual(Math.max(pageSizes.most, size));
      }),
    );
  });

  it('ends in nothing when halved for ever', () => {
    expect([1_000, 3, 1].map(halvedPageSize)).toEqual([500, 1, 0]);
  });
});
