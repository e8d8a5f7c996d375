/** A subscription made by the API, as it is stored: its partition is that of its tenant, who alone may see it; its credentials are sealed. */
import { withoutPath } from './errors.ts';
import { everyTenant } from './event.ts';
import type { Credentials } from './sealed-credentials.ts';
import type { Subscription } from './subscription.ts';

/** Lists the tenants that have a partition of their own, one record per tenant, so that all partitions can be found. */
export const rosterIndexPartition = 'roster';

/** The partition of one tenant's subscriptions, `*` for an operator's; a record's id is the subscription's id. */
export const rosterPartition = (tenant: string): string => `roster/${tenant}`;

export interface StoredSubscription {
  /** Without what is sealed: the URL of a webhook is cut to scheme, host and port, its headers have empty values. */
  readonly subscription: Subscription;
  /** The credentials of its destination (`{ url, headers }` of a webhook), AES-256-GCM, bound to tenant and id; base64url. */
  readonly sealed?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
  /** Id of the API key, or `operator` on the command line. */
  readonly createdBy: string;
  /** When it was deleted. Nobody sees it any more; the record stays until everything that belongs to it is removed. */
  readonly deletedAt?: string;
  /** The body as it was written, without the sealed parts; a merge patch is applied to it. */
  readonly written?: Readonly<Record<string, unknown>>;
  /** The change that was made last, see `auditedWrite`. */
  readonly lastChange?: string;
}

/**
 * What stays of a deleted subscription until the sweep: whose it was, where it sent, and when. No filter and no secret: a tombstone is small,
 * whatever was deleted.
 */
export const tombstoneOf = (
  { subscription, createdAt, createdBy, lastChange }: StoredSubscription,
  deletedAt: string,
): StoredSubscription => {
  const { id, tenant, format, batch, start, destination } = subscription;
  const where = destination.type === 'webhook' ? { type: destination.type, url: destination.url } : destination;
  return {
    subscription: { id, tenant, format, batch, start, destination: where },
    createdAt,
    createdBy,
    changedAt: deletedAt,
    deletedAt,
    ...(lastChange !== undefined && { lastChange }),
  };
};

const random = '[a-z2-7]{12}';
const ofTenant = new RegExp(`^(.+)-${random}$`);
const ofOperator = new RegExp(`^all\\.${random}$`);

/**
 * The id of a subscription made by the API. It contains the tenant, so that one read finds the subscription, and a tenant cannot try ids of
 * another tenant.
 */
export const storedId = (tenant: string, randomText: string): string =>
  tenant === everyTenant ? `all.${randomText}` : `${tenant}-${randomText}`;

/** The tenant in an id that `storedId` made; `undefined` for any other id. */
export const tenantOfId = (id: string): string | undefined =>
  ofOperator.test(id) ? everyTenant : ofTenant.exec(id)?.[1];

/** A subscription without its sealed parts, and those parts; only a webhook has credentials. */
export interface Parted {
  readonly shown: Subscription;
  readonly credentials?: Credentials;
}

/** The URL is cut to scheme, host and port, the values of headers are empty. */
export const withSealedParts = (subscription: Subscription): Parted => {
  const { destination } = subscription;
  if (destination.type !== 'webhook') return { shown: subscription };
  const { url, headers } = destination;
  const names = headers && Object.fromEntries(Object.keys(headers).map((name) => [name, '']));
  return {
    shown: {
      ...subscription,
      destination: { ...destination, url: withoutPath(url), ...(names && { headers: names }) },
    },
    credentials: { url, ...(headers && { headers }) },
  };
};

/** The subscription that `withSealedParts` took apart. */
export const withCredentials = ({ shown, credentials }: Parted): Subscription => {
  const { destination } = shown;
  if (destination.type !== 'webhook' || !credentials) return shown;
  const { headers: _, ...rest } = destination;
  return { ...shown, destination: { ...rest, ...credentials } };
};
