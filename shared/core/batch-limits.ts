/** How large the batch of a subscription may be and how long it may wait, with what holds when the subscription says nothing. */

const bytes = { from: 1_000, to: 67_108_864 } as const;

export const batchLimits = {
  /** Webhook and poll: a batch is one request or one answer. */
  request: {
    maxEvents: { from: 1, to: 1_000, default: 100 },
    maxBytes: { ...bytes, default: 1_000_000 },
  },
  /** Folder and S3: a batch is one object. */
  object: {
    maxEvents: { from: 1, to: 100_000, default: 100_000 },
    maxBytes: { ...bytes, default: 16_777_216 },
  },
  maxDelaySeconds: { from: 0, to: 86_400, default: 0 },
} as const;
