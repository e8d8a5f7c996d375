import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filled, fullBucket, secondsUntil, type TokenBucket, withoutOne } from '../../shared/core/token-bucket.ts';

const quota = { name: 'key', most: 60, windowSeconds: 60 };

describe('a token bucket', () => {
  it('lets through at most its content and what flows in meanwhile, whatever the times are', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3_000), { maxLength: 300 }), (waits) => {
        let bucket: TokenBucket = fullBucket(quota, 0);
        let nowMs = 0;
        let taken = 0;
        for (const wait of waits) {
          nowMs += wait;
          const rest = withoutOne(filled(bucket, quota, nowMs));
          bucket = rest ?? filled(bucket, quota, nowMs);
          taken += rest ? 1 : 0;
        }
        expect(taken).toBeLessThanOrEqual(quota.most + nowMs / 1_000);
        expect(bucket.tokens).toBeLessThanOrEqual(quota.most);
      }),
    );
  });

  it('is not filled by a clock that goes back', () => {
    const empty: TokenBucket = { tokens: 0, atMs: 10_000 };
    expect(filled(empty, quota, 0).tokens).toBe(0);
  });

  it('says after how long it holds what is asked for', () => {
    expect(secondsUntil(1, { tokens: 0, atMs: 0 }, quota)).toBe(1);
    expect(secondsUntil(60, { tokens: 0, atMs: 0 }, quota)).toBe(60);
    expect(secondsUntil(1, { tokens: 5, atMs: 0 }, quota)).toBe(0);
  });
});
