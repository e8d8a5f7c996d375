import { everyTenant } from '../../core/event.ts';
import { idAfter } from '../records/each-record.ts';
import { storedOf, tenantsWithStored } from '../roster/stored.ts';
import { type Answer, done, notFound } from './answer.ts';
import { type Caller, sees } from './caller.ts';
import {
  type FindDeps,
  type Found,
  findSubscription,
  headByCheckpoint,
  inFile,
  type ViewDeps,
  viewAt,
  viewFound,
} from './find-subscription.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface Page<Item> {
  readonly items: readonly Item[];
  /** For `after` of the next page; absent: this is the last. */
  readonly next?: string;
}

export interface PageOptions {
  /** `next` of the page before. */
  readonly after?: string;
  /** 1 to 100. */
  readonly limit: number;
}

export const readSubscription = async (
  deps: ViewDeps,
  caller: Caller,
  id: string,
): Promise<Answer<SubscriptionView>> => {
  const found = await findSubscription(deps, caller, id);
  return found ? done(await viewFound(deps, found)) : notFound;
};

/** By id. An operator's are everybody's, or those of one tenant. */
export const listSubscriptions = async (
  deps: ViewDeps,
  caller: Caller,
  { after = '', limit, tenant = caller.tenant }: PageOptions & { readonly tenant?: string },
): Promise<Page<SubscriptionView>> => {
  if (!sees(caller, tenant)) return { items: [] };
  const found = (await everyFound(deps, tenant, { after, limit: limit + 1 }))
    .filter(({ subscription }) => subscription.id > after)
    .sort((a, b) => (a.subscription.id < b.subscription.id ? -1 : 1));
  const page = found.slice(0, limit);
  const head = await headByCheckpoint(deps);
  const items = await Promise.all(page.map((each) => viewAt(deps, each, head)));
  const last = page.at(-1);
  return found.length > limit && last ? { items, next: last.subscription.id } : { items };
};

/**
 * Those in the settings' file and those made by the API; of the latter at least the `limit` that follow `after`. Reads one page per tenant.
 */
const everyFound = async (
  deps: FindDeps,
  tenant: string,
  { after, limit }: { readonly after: string; readonly limit: number },
): Promise<readonly Found[]> => {
  const written = inFile(deps, tenant);
  const known = new Set(written.map(({ subscription }) => subscription.id));
  const tenants = tenant === everyTenant ? await tenantsWithStored(deps.records) : [tenant];
  const stored: Found[] = [];
  for (const each of tenants) stored.push(...(await storedAfter(deps, each, after, limit)));
  return [...written, ...stored.filter(({ subscription }) => !known.has(subscription.id))];
};

const pageSize = 200;

const storedAfter = async (
  { records }: FindDeps,
  tenant: string,
  after: string,
  limit: number,
): Promise<readonly Found[]> => {
  const found: Found[] = [];
  for (let from: string | undefined = idAfter(after); from !== undefined && found.length < limit; ) {
    const page = await storedOf(records, tenant, { from, limit: pageSize });
    for (const { stored, version } of page.items)
      if (stored.deletedAt === undefined) found.push({ subscription: stored.subscription, stored, version });
    from = page.next;
  }
  return found;
};

/** How many subscriptions made by the API a tenant has, deleted ones that are not swept yet included: each of them is read with the others. */
export const countStored = async (
  { records }: Pick<FindDeps, 'records'>,
  tenant: string,
  most: number,
): Promise<number> => {
  let count = 0;
  for (let from: string | undefined = ''; from !== undefined && count < most; ) {
    const page = await storedOf(records, tenant, { ...(from !== '' && { from }), limit: pageSize * 4 });
    count += page.items.length;
    from = page.next;
  }
  return count;
};
