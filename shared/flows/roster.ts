/** Everybody's subscriptions, those of the settings' file and those made by the API alike. */
import { everyTenant } from '../core/event.ts';
import { rosterPartition, type StoredSubscription, withCredentials } from '../core/stored-subscription.ts';
import type { Subscription } from '../core/subscription.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import { everyRecord } from './records/each-record.ts';
import { sealOfCredentials } from './roster/open-seal.ts';
import { readStored, tenantsWithStored, versioned } from './roster/stored.ts';

export interface Roster {
  /**
   * With its credentials, fit for `openDestination`; `undefined` when there is none, or it was deleted.
   * @throws OperatorMustFix when its credentials were sealed under a root key that is gone
   */
  get(id: string): Promise<Subscription | undefined>;
  /** Ids of the subscriptions of these tenants, and always of those that receive every event (`*`): one read per tenant and 1 000. */
  idsOf(tenants: ReadonlySet<string>): Promise<readonly string[]>;
  /** All, without credentials: for status, heads, verify. Reads every record: never on the way of an event. */
  all(): Promise<readonly Subscription[]>;
  /** Those of the settings' file: known without a read. */
  readonly fromFile: readonly Subscription[];
}

/** One id in both is the file's: whoever wrote it there took it over. Nothing is read before it is asked for. */
export const openRoster = ({
  records,
  secrets,
  fromFile,
}: {
  readonly records: RecordStore;
  readonly secrets: Secrets;
  readonly fromFile: readonly Subscription[];
}): Roster => {
  const inFile = new Map(fromFile.map((subscription) => [subscription.id, subscription]));
  const seal = sealOfCredentials(secrets);
  const storedIn = async (tenant: string) => (await everyRecord(records, rosterPartition(tenant))).filter(isKept);

  return {
    fromFile,
    get: async (id) => {
      const written = inFile.get(id);
      if (written) return written;
      const { stored } = (await readStored(records, id)) ?? {};
      if (!stored || stored.deletedAt !== undefined) return undefined;
      const { subscription: shown, sealed } = stored;
      if (sealed === undefined) return shown;
      return withCredentials({ shown, credentials: (await seal()).open(shown.tenant, id, sealed) });
    },
    idsOf: async (tenants) => {
      const wanted = new Set([...tenants, everyTenant]);
      const ids = new Set(fromFile.filter(({ tenant }) => wanted.has(tenant)).map(({ id }) => id));
      for (const tenant of wanted) for (const { id } of await storedIn(tenant)) ids.add(id);
      return [...ids];
    },
    all: async () => {
      const all = new Map(inFile);
      for (const tenant of await tenantsWithStored(records))
        for (const record of await storedIn(tenant))
          if (!all.has(record.id)) all.set(record.id, versioned(records, record).stored.subscription);
      return [...all.values()];
    },
  };
};

const isKept = ({ value }: { readonly value: unknown }): boolean =>
  (value as Partial<StoredSubscription> | null | undefined)?.deletedAt === undefined;
