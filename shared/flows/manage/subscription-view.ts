import type { Cursor } from '../../core/batch.ts';
import type { ShownState } from '../../core/shown-state.ts';
import type { Subscription } from '../../core/subscription.ts';

/** A subscription as its tenant sees it: no path of a URL, no value of a header. */
export interface SubscriptionView extends ShownState {
  readonly id: string;
  readonly tenant: string;
  /** `file`: its operator changes it in the settings' file. */
  readonly managed: 'api' | 'file';
  readonly description?: string;
  /** As it was written. */
  readonly filter?: unknown;
  readonly format: Subscription['format'];
  readonly batch: Subscription['batch'];
  readonly start: Subscription['start'];
  readonly fields?: readonly string[];
  readonly personalData?: 'hide';
  readonly destination: ShownDestination;
  /** Of webhooks made by the API. */
  readonly secret?: { readonly version: number; readonly previousUntil?: string };
  readonly progress: Progress;
  /** ISO 8601; absent of those in the file. */
  readonly createdAt?: string;
  readonly createdBy?: string;
  readonly changedAt?: string;
  /** For `expected`; 0 of those in the file. */
  readonly version: number;
}

export type ShownDestination =
  | {
      readonly type: 'webhook';
      /** Scheme, host and port. */
      readonly url: string;
      /** Names alone. */
      readonly headers?: readonly string[];
      readonly signatures?: readonly ('v1' | 'v1a')[];
      readonly compression?: 'gzip';
    }
  | { readonly type: 'poll' }
  | { readonly type: 'folder' }
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly prefix: string;
      readonly region: string;
      readonly roleArn?: string;
      readonly externalId?: string;
    };

/** How far it has come, from its own state: no event and no manifest is read for it. */
export interface Progress {
  /** Batches delivered. */
  readonly sequence: number;
  readonly cursor: Cursor;
  /** Events, from where it began or was last told to begin. */
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLetters: number;
  /** Segments of the journal that it has not passed yet, whether or not they hold events for it. */
  readonly segmentsBehind: number;
  /** In a row. */
  readonly failures: number;
  readonly lastSuccessAt?: string;
  readonly retryAt?: string;
  readonly lastAnswer?: string;
  /** While events are sent once more: up to where. */
  readonly replay?: { readonly until: Cursor; readonly notAfter?: string };
}
