/** Whose events are whose: the tenants of the settings' file, and those that operators wrote through the API. */
import { OperatorMustFix } from '../core/errors.ts';
import { hitReader, type ReadHit } from '../core/reading/read-hit.ts';
import { attributeTo, type lists, type Tenant, type Tenants, tenantSchema } from '../core/tenants.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../ports/record-store.ts';
import { everyRecord } from './records/each-record.ts';

export interface Directory {
  /**
   * The tenants as they are now, at most a minute old. Asked at the beginning of each run and request.
   * @throws RetryLater when the store does not answer; OperatorMustFix when the record of a tenant cannot be read: without it events would
   * be attributed wrongly
   */
  current(): Promise<Tenants>;
}

export const tenantPartition = 'tenant';

/** A tenant written through the API, as it is stored. */
export interface StoredTenant {
  readonly tenant: Tenant;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly changedAt: string;
  /** Id of the API key, or `operator`. */
  readonly changedBy: string;
}

const rememberMs = 60_000;

/** @param file as the settings name them; when every event is one tenant's (`SLUICE_TENANT`) the records say nothing */
export const openDirectory = ({
  file,
  records,
  clock,
}: {
  readonly file: Tenants;
  readonly records: RecordStore;
  readonly clock: Clock;
}): Directory => {
  let known: { readonly text: string; readonly tenants: Tenants; readonly untilMs: number } | undefined;
  const read = async (): Promise<Tenants> => {
    const { directory } = file;
    if (!directory) return file;
    if (known && clock.nowMs() < known.untilMs) return known.tenants;
    const askedMs = clock.nowMs();
    const stored = (await tenantRecords(records)).map((record) => storedTenant(records, record).tenant);
    const text = JSON.stringify(stored);
    // The same tenants are the same value: what was made of them need not be made anew.
    const tenants = known?.text === text ? known.tenants : merged(file, directory.tenants, stored);
    known = { text, tenants, untilMs: askedMs + rememberMs };
    return tenants;
  };
  return { current: read };
};

/** Reads hits by the directory as it is when a run or a request begins. */
export const directoryReader = (directory: Directory, timeField: string): (() => Promise<ReadHit>) => {
  let made: { readonly tenants: Tenants; readonly read: ReadHit } | undefined;
  return async () => {
    const tenants = await directory.current();
    if (made?.tenants !== tenants) made = { tenants, read: hitReader({ timeField, attribute: tenants.attribute }) };
    return made.read;
  };
};

/** What makes an event a tenant's: every value that the file and the records have for it. `undefined` where that is not a question of values. */
export const directoryEvidence =
  (directory: Directory) =>
  async (tenant: string): Promise<Tenant | undefined> => {
    const known = (await directory.current()).directory?.tenants.filter(({ id }) => id === tenant);
    const all = (list: (typeof lists)[number]) => known?.flatMap((one) => one[list]) ?? [];
    return (
      known && {
        id: tenant,
        organizations: all('organizations'),
        users: all('users'),
        emails: all('emails'),
        emailDomains: all('emailDomains'),
        indices: all('indices'),
      }
    );
  };

/** One id in the file and in a record is one tenant, with the values of both. */
const merged = (file: Tenants, inFile: readonly Tenant[], stored: readonly Tenant[]): Tenants => {
  if (stored.length === 0) return file;
  const tenants = [...inFile, ...stored];
  return {
    attribute: attributeTo({ tenants }),
    ids: [...new Set(tenants.map(({ id }) => id))],
    directory: { tenants },
  };
};

/** The tenants of the records as they are stored, by id. */
export const tenantRecords = (records: RecordStore): Promise<readonly StoredRecord[]> =>
  everyRecord(records, tenantPartition);

/** @throws OperatorMustFix when the record holds no tenant */
export const storedTenant = (records: RecordStore, record: StoredRecord): StoredTenant => {
  const stored = readableTenant(record);
  if (stored) return stored;
  throw new OperatorMustFix(
    `The record of tenant "${record.id}" in ${records.description} cannot be read. Write the tenant again: npx sluice tenants put ${record.id}`,
  );
};

/** `undefined` for a record that is damaged: writing the tenant again mends it. */
export const readableTenant = ({ id, value }: StoredRecord): StoredTenant | undefined => {
  const stored = (typeof value === 'object' && value !== null ? value : {}) as Partial<StoredTenant>;
  const tenant = tenantSchema.safeParse(stored.tenant);
  if (!tenant.success || tenant.data.id !== id) return undefined;
  const { createdAt = '', changedAt = '', changedBy = '' } = stored;
  return { tenant: tenant.data, createdAt, changedAt, changedBy };
};
