import type { Context } from 'hono';
import { type Problem, problem } from '../core/problem.ts';
import { filled, fullBucket, type Quota, secondsUntil, type TokenBucket, withoutOne } from '../core/token-bucket.ts';
import type { Clock } from '../ports/clock.ts';

/** The quota of one API key: ten requests a second on average, 600 at once. */
export const keyQuota: Quota = { name: 'key', most: 600, windowSeconds: 60 };

/** The quota of one source address, for requests without a valid key. */
export const addressQuota: Quota = { name: 'address', most: 60, windowSeconds: 60 };

export interface RateLimit {
  /** Takes one request from the quota of `holder` and says in the headers what is left. @returns the problem to answer, if nothing was left */
  take(context: Context, holder: string): Problem | undefined;
  isUsedUp(holder: string): boolean;
}

/** Holders remembered at most. Beyond that the holder that asked longest ago is forgotten, which gives it a full quota again. */
const mostHolders = 10_000;

/**
 * Requests are counted in this process alone: each instance of a function allows the full quota.
 * @see https://datatracker.ietf.org/doc/html/draft-ietf-httpapi-ratelimit-headers-10
 */
export const rateLimit = (quota: Quota, clock: Clock): RateLimit => {
  const buckets = new Map<string, TokenBucket>();
  const bucketOf = (holder: string): TokenBucket => {
    const known = buckets.get(holder);
    return known ? filled(known, quota, clock.nowMs()) : fullBucket(quota, clock.nowMs());
  };
  const take: RateLimit['take'] = (context, holder) => {
    const bucket = bucketOf(holder);
    const rest = withoutOne(bucket);
    const kept = rest ?? bucket;
    // Deleted and set again, so that the first entry of the map is the holder that asked longest ago.
    buckets.delete(holder);
    buckets.set(holder, kept);
    const oldest = buckets.keys().next();
    if (buckets.size > mostHolders && !oldest.done) buckets.delete(oldest.value);
    context.header('RateLimit-Policy', `"${quota.name}";q=${quota.most};w=${quota.windowSeconds}`);
    context.header(
      'RateLimit',
      `"${quota.name}";r=${Math.floor(kept.tokens)};t=${secondsUntil(quota.most, kept, quota)}`,
    );
    if (rest) return undefined;
    const seconds = Math.max(1, secondsUntil(1, bucket, quota));
    context.header('Retry-After', `${seconds}`);
    return problem(
      'too-many-requests',
      `At most ${quota.most} requests in ${quota.windowSeconds} s. Ask again in ${seconds} s; the header RateLimit says what is left.`,
    );
  };
  return { take, isUsedUp: (holder) => withoutOne(bucketOf(holder)) === undefined };
};
