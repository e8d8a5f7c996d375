import type { Cursor } from '../../core/batch.ts';
import { withoutPath } from '../../core/errors.ts';
import type { Filter } from '../../core/filter.ts';
import { ownCursor } from '../../core/replay.ts';
import { type ShownState, shownState } from '../../core/shown-state.ts';
import type { DestinationSettings, Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { Found } from './find-subscription.ts';
import { isSigned } from './signing-material.ts';

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
  /** Of webhooks and polls made by the API. */
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

/** @param head the newest segment of the journal, by the checkpoint */
export const viewOf = (
  { subscription, stored, version }: Found,
  state: SubscriptionState,
  head: number,
): SubscriptionView => {
  const { id, tenant, description, format, batch, start, fields, personalData, destination, secret } = subscription;
  const filter = stored?.written?.['filter'] ?? (subscription.filter && asWritten(subscription.filter));
  return {
    id,
    tenant,
    managed: stored ? 'api' : 'file',
    ...(description !== undefined && { description }),
    ...shownState(state),
    ...(filter !== undefined && { filter }),
    format,
    batch,
    start,
    ...(fields && { fields }),
    ...(personalData && { personalData }),
    destination: shownDestination(destination),
    ...(stored && isSigned(subscription) && { secret: shownSecret(secret) }),
    progress: progressOf(state, head),
    ...(stored && { createdAt: stored.createdAt, createdBy: stored.createdBy, changedAt: stored.changedAt }),
    version,
  };
};

/** `q` says what the tree means. */
const asWritten = ({ question: _, ...filter }: Filter): Filter => filter;

const shownDestination = (destination: DestinationSettings): ShownDestination => {
  switch (destination.type) {
    case 'webhook': {
      const { type, url, headers, signatures, compression } = destination;
      return {
        type,
        url: withoutPath(url),
        ...(headers && { headers: Object.keys(headers) }),
        ...(signatures && { signatures }),
        ...(compression && { compression }),
      };
    }
    case 's3':
      return destination;
    case 'poll':
    case 'folder':
      // A path on the operator's machine is no business of a tenant.
      return { type: destination.type };
    default:
      return destination satisfies never;
  }
};

const shownSecret = (secret: Subscription['secret']): NonNullable<SubscriptionView['secret']> => ({
  version: secret?.version ?? 1,
  ...(secret?.previous && { previousUntil: isoOf(secret.previous.untilMs) }),
});

const progressOf = (state: SubscriptionState, head: number): Progress => {
  const { cursor, counts, health, sequence, replay } = state;
  return {
    sequence,
    cursor,
    ...counts,
    segmentsBehind: Math.max(0, head + 1 - ownCursor(state).segment),
    failures: health.failures,
    ...(health.lastSuccessAtMs !== undefined && { lastSuccessAt: isoOf(health.lastSuccessAtMs) }),
    ...(health.retryAtMs !== undefined && { retryAt: isoOf(health.retryAtMs) }),
    ...(health.lastAnswer !== undefined && { lastAnswer: health.lastAnswer }),
    ...(replay && {
      replay: { until: replay.until, ...(replay.notAfter !== undefined && { notAfter: replay.notAfter }) },
    }),
  };
};

const isoOf = (ms: number): string => new Date(ms).toISOString();
