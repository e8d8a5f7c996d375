/** What a tenant wants to receive, and where: filter, format, destination. The form is that of the subscriptions file and of the API's body. */
import type { Filter } from './filter.ts';

export interface Subscription {
  /** `a-z 0-9 - _ .`, at most 64 characters; names its cursor, its signing secret and its attempts. */
  readonly id: string;
  /** A tenant id, or `*`: an operator's subscription, which receives every event, the unattributed ones too. */
  readonly tenant: string;
  readonly filter?: Filter;
  /** ECS nested or with dotted keys, OCSF 1.8, or lines of CEF. */
  readonly format: SubscriptionFormat;
  /** Ranges and defaults: `batchLimits`. */
  readonly batch: {
    readonly maxEvents: number;
    /** Of the encoded batch, uncompressed. */
    readonly maxBytes: number;
    /** 0: at once. Otherwise an incomplete batch waits until its oldest event was journaled this long ago. */
    readonly maxDelaySeconds: number;
  };
  /** Where it begins: the head of the journal when it is first seen, its beginning, or an instant. */
  readonly start: 'now' | 'beginning' | { readonly from: string };
  readonly destination: DestinationSettings;
  /** What it is for, in its owner's words; at most 200 characters. */
  readonly description?: string;
  /**
   * Projection: dotted ECS paths, each with everything below it (`user`, `source.ip`), at most 100; absent: all. What tells events apart
   * (`@timestamp`, `ecs`, `event.id`, `event.kind`, `event.dataset`) always travels.
   */
  readonly fields?: readonly string[];
  /** `hide`: names, e-mail addresses, phone numbers and IP addresses do not travel. */
  readonly personalData?: 'hide';
  /**
   * Which signing secret is in use; absent: version 1. Only subscriptions made by the API have it, because only their secrets can be
   * rotated one by one.
   */
  readonly secret?: SecretVersions;
}

/** Versions of a derived signing secret: see `subscriptionSecret`. */
export interface SecretVersions {
  /** From 1. */
  readonly version: number;
  /** Signs beside the current one until then, epoch ms. */
  readonly previous?: { readonly version: number; readonly untilMs: number };
}

export type DestinationSettings =
  | {
      readonly type: 'webhook';
      readonly url: string;
      readonly headers?: Readonly<Record<string, string>>;
      /** `v1a`: an Ed25519 signature beside that of `v1`; absent: `v1` alone. */
      readonly signatures?: readonly ('v1' | 'v1a')[];
      /** The body travels compressed; signed are the uncompressed bytes. */
      readonly compression?: 'gzip';
    }
  /** The customer fetches its batches: `GET /v1/subscriptions/{id}/batches`. */
  | { readonly type: 'poll' }
  | { readonly type: 'folder'; readonly path: string }
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly prefix: string;
      readonly region: string;
      /** A role in the customer's account; assumed with `externalId`. */
      readonly roleArn?: string;
      readonly externalId?: string;
    };

export const subscriptionFormats = ['ecs', 'ecs-flat', 'ocsf', 'cef'] as const;
export type SubscriptionFormat = (typeof subscriptionFormats)[number];
