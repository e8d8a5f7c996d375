/**
 * What somebody changed, as an event of its own: Elastic Common Schema like every other, under `dataset` `sluice.audit`. It names the
 * fields that were changed but not their new values, so it holds no credential and no path of a URL.
 */
import { ecsVersion } from './catalogue/ecs-values.ts';

/** By the thing that was changed. */
export type AuditAction =
  | 'subscription-created'
  | 'subscription-changed'
  | 'subscription-deleted'
  | 'subscription-paused'
  | 'subscription-resumed'
  | 'subscription-tested'
  | 'subscription-replayed'
  | 'secret-rotated'
  | 'dead-letter-retried'
  | 'dead-letter-discarded'
  | 'key-created'
  | 'key-revoked'
  | 'tenant-created'
  | 'tenant-changed'
  | 'tenant-deleted';

/** @see https://www.elastic.co/docs/reference/ecs/ecs-allowed-values-event-category */
export interface AuditEvent {
  readonly '@timestamp': string;
  readonly ecs: { readonly version: string };
  /** A sentence. */
  readonly message: string;
  readonly event: {
    readonly kind: 'event';
    readonly category: readonly ['configuration'] | readonly ['iam'];
    readonly type: readonly ['creation' | 'change' | 'deletion' | 'info'];
    readonly action: AuditAction;
    readonly outcome: 'success' | 'failure';
    readonly id: string;
    readonly module: 'sluice';
    readonly dataset: 'sluice.audit';
    readonly provider: 'sluice';
    readonly created: string;
  };
  /** Who made the change: the id of an API key, or `operator`. */
  readonly user: { readonly id: string };
  readonly related: { readonly user: readonly string[] };
  readonly observer: { readonly vendor: 'Closer'; readonly product: 'Sluice' };
  readonly sluice: {
    /** The tenant that owns the changed thing; `*` for an operator's. */
    readonly tenant: string;
    readonly target: { readonly kind: AuditTarget; readonly id: string };
    /** Dotted names of the fields that changed. */
    readonly changed?: readonly string[];
    /** What exactly was asked for, or why, in the words of the caller. */
    readonly reason?: string;
  };
}

export type AuditTarget = 'subscription' | 'key' | 'tenant';

export interface Change {
  readonly action: AuditAction;
  /** The tenant that owns the changed thing. */
  readonly tenant: string;
  /** Id of the changed thing. */
  readonly id: string;
  readonly by: string;
  readonly outcome?: 'success' | 'failure';
  readonly changed?: readonly string[];
  readonly reason?: string;
}

/** @param eventId never used before: the audit journal holds each once */
export const auditEvent = (
  change: Change,
  { eventId, nowMs }: { readonly eventId: string; readonly nowMs: number },
): AuditEvent => {
  const { action, tenant, id, by, outcome = 'success', changed, reason } = change;
  const { target, category, type, words } = kinds[action];
  const at = new Date(nowMs).toISOString();
  return {
    '@timestamp': at,
    ecs: { version: ecsVersion },
    message: `${words} ${id}${outcome === 'failure' ? ' without success' : ''} by ${by}`,
    event: {
      kind: 'event',
      category: [category] as AuditEvent['event']['category'],
      type: [type],
      action,
      outcome,
      id: `sluice/${eventId}`,
      module: 'sluice',
      dataset: 'sluice.audit',
      provider: 'sluice',
      created: at,
    },
    user: { id: by },
    related: { user: [by] },
    observer: { vendor: 'Closer', product: 'Sluice' },
    sluice: {
      tenant,
      target: { kind: target, id },
      ...(changed !== undefined && { changed }),
      ...(reason !== undefined && { reason }),
    },
  };
};

interface Kind {
  readonly target: AuditTarget;
  readonly category: 'configuration' | 'iam';
  readonly type: AuditEvent['event']['type'][0];
  readonly words: string;
}

const ofSubscription = (type: Kind['type'], words: string): Kind => ({
  target: 'subscription',
  category: 'configuration',
  type,
  words,
});

const kinds: Readonly<Record<AuditAction, Kind>> = {
  'subscription-created': ofSubscription('creation', 'Subscription created:'),
  'subscription-changed': ofSubscription('change', 'Subscription changed:'),
  'subscription-deleted': ofSubscription('deletion', 'Subscription deleted:'),
  'subscription-paused': ofSubscription('change', 'Subscription paused:'),
  'subscription-resumed': ofSubscription('change', 'Subscription resumed:'),
  'subscription-tested': ofSubscription('info', 'Test message sent to subscription'),
  'subscription-replayed': ofSubscription('change', 'Replay begun of subscription'),
  'secret-rotated': ofSubscription('change', 'Signing secret rotated of subscription'),
  'dead-letter-retried': ofSubscription('change', 'Dead letter to be sent again of subscription'),
  'dead-letter-discarded': ofSubscription('change', 'Dead letter discarded of subscription'),
  'key-created': { target: 'key', category: 'iam', type: 'creation', words: 'API key created:' },
  'key-revoked': { target: 'key', category: 'iam', type: 'deletion', words: 'API key revoked:' },
  'tenant-created': { target: 'tenant', category: 'configuration', type: 'creation', words: 'Tenant created:' },
  'tenant-changed': { target: 'tenant', category: 'configuration', type: 'change', words: 'Tenant changed:' },
  'tenant-deleted': { target: 'tenant', category: 'configuration', type: 'deletion', words: 'Tenant deleted:' },
};
