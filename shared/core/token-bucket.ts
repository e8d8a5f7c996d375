/** A limit for requests: `most` at once, refilled evenly within `windowSeconds`. */
export interface Quota {
  /** `a-z -`; named in the headers. */
  readonly name: string;
  readonly most: number;
  readonly windowSeconds: number;
}

export interface TokenBucket {
  /** Not a whole number, because the bucket fills continuously. */
  readonly tokens: number;
  readonly atMs: number;
}

export const fullBucket = ({ most }: Quota, nowMs: number): TokenBucket => ({ tokens: most, atMs: nowMs });

/** The bucket as it is now. If the clock went back, nothing is filled. */
export const filled = (bucket: TokenBucket, { most, windowSeconds }: Quota, nowMs: number): TokenBucket => {
  const passedMs = Math.max(0, nowMs - bucket.atMs);
  return { tokens: Math.min(most, bucket.tokens + (passedMs * most) / (windowSeconds * 1000)), atMs: nowMs };
};

/** The bucket without one token; `undefined` when none is in it. */
export const withoutOne = ({ tokens, atMs }: TokenBucket): TokenBucket | undefined =>
  tokens < 1 ? undefined : { tokens: tokens - 1, atMs };

/** Whole seconds until the bucket holds this many; 0: now. */
export const secondsUntil = (tokens: number, bucket: TokenBucket, { most, windowSeconds }: Quota): number =>
  Math.max(0, Math.ceil(((tokens - bucket.tokens) * windowSeconds) / most));
