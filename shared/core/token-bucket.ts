/** How much somebody may ask for: `most` at once, and as many again every `windowSeconds`, evenly. */
export interface Quota {
  /** `a-z -`; named in the headers. */
  readonly name: string;
  readonly most: number;
  readonly windowSeconds: number;
}

export interface TokenBucket {
  /** Not whole: it fills all the time. */
  readonly tokens: number;
  readonly atMs: number;
}

export const fullBucket = ({ most }: Quota, nowMs: number): TokenBucket => ({ tokens: most, atMs: nowMs });

/** The bucket as it is now. A clock that went back fills nothing. */
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
