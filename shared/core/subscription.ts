/** A tenant's wish: filter, format, destination. The form of the subscriptions file and of the API's body alike. */
import type { Filter } from './filter.ts';

export interface Subscription {
  /** `a-z 0-9 - _ .`, at most 64 characters; names its cursor, its signing secret and its attempts. */
  readonly id: string;
  /** A tenant id, or `*`: an operator's subscription, which receives every event, the unattributed ones too. */
  readonly tenant: string;
  readonly filter?: Filter;
  /** `ecs` nested, or `ecs-flat`. */
  readonly format: 'ecs' | 'ecs-flat';
  readonly batch: {
    /** 1 to 1000 for a webhook (default 100), to 100 000 for objects (default 100 000). */
    readonly maxEvents: number;
    /** Bytes of the encoded batch, uncompressed: 1 000 to 67 108 864; default 1 000 000 for a webhook, 16 MiB for objects. */
    readonly maxBytes: number;
    /** 0: at once. Otherwise an incomplete batch waits until its oldest event was journaled this long ago; at most 86 400. */
    readonly maxDelaySeconds: number;
  };
  /** Where it begins: the head of the journal when it is first seen, its beginning, or an instant. */
  readonly start: 'now' | 'beginning' | { readonly from: string };
  readonly destination: DestinationSettings;
}

export type DestinationSettings =
  | { readonly type: 'webhook'; readonly url: string; readonly headers?: Readonly<Record<string, string>> }
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
