/** The directory of tenants as operators read and write it through the API and the command line. */
import { BadBody } from '../core/bad-body.ts';
import { RetryLater } from '../core/errors.ts';
import { everyTenant, tenantIdShape } from '../core/event.ts';
import { readTenantWritten } from '../core/tenant-written.ts';
import { lists, type Tenant, type Tenants } from '../core/tenants.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { type Answer, changedElsewhere, done, notFound, type Refusal, refused } from './manage/answer.ts';
import type { AuditDeps } from './manage/audit-journal.ts';
import { auditedRemove, auditedWrite } from './manage/audited-write.ts';
import { type Caller, isOperator } from './manage/caller.ts';
import { storedOf } from './roster/stored.ts';
import {
  readableTenant,
  type StoredTenant,
  storedTenant,
  tenantPartition,
  tenantRecords,
} from './tenants-directory.ts';

export interface TenantsDeps {
  /** As the settings name them. */
  readonly file: Tenants;
  readonly records: RecordStore;
}

/** A change is an audit event, which operators alone read. */
export interface TenantChangeDeps extends TenantsDeps, AuditDeps {}

export interface TenantView extends Tenant {
  /** `file`: kept in the file of SLUICE_TENANTS_FILE, changed there alone · `api`: written here. */
  readonly managed: 'file' | 'api';
  /** Of the record; absent for one of the file. */
  readonly version?: number;
  readonly createdAt?: string;
  readonly changedAt?: string;
}

/** Every tenant, by id; those of the file too. `notFound` for a caller who is no operator. */
export const listTenants = async (deps: TenantsDeps, caller: Caller): Promise<Answer<readonly TenantView[]>> => {
  if (!isOperator(caller)) return notFound;
  const views = new Map((await tenantRecords(deps.records)).map((record) => [record.id, viewOf(deps, record)]));
  for (const tenant of deps.file.directory?.tenants ?? []) views.set(tenant.id, { ...tenant, managed: 'file' });
  return done([...views.values()].sort((a, b) => (a.id < b.id ? -1 : 1)));
};

export const readTenant = async (deps: TenantsDeps, caller: Caller, id: string): Promise<Answer<TenantView>> => {
  if (!isOperator(caller) || !tenantIdShape.test(id)) return notFound;
  const inFile = fileTenant(deps, id);
  if (inFile) return done({ ...inFile, managed: 'file' });
  const record = await deps.records.get(tenantPartition, id);
  return record ? done(viewOf(deps, record)) : notFound;
};

export interface PutTenant {
  readonly outcome: 'created' | 'changed' | 'unchanged';
  readonly tenant: TenantView;
  /** What becomes of the events that are journaled already. */
  readonly note: string;
}

export const reattributeNote =
  'Events are attributed so within a minute. Those that are journaled keep their tenant; what is of no known tenant so far gets its own with: npx sluice reattribute';

/**
 * Writes a tenant whole: what is left out is gone.
 * @param expected version it must have, 0: it must be new; absent: whatever is there
 * @throws BadBody with every mistake and its place, values that another tenant has included
 */
export const putTenant = async (
  deps: TenantChangeDeps,
  caller: Caller,
  id: string,
  { body, expected }: { readonly body: unknown; readonly expected?: number },
): Promise<Answer<PutTenant>> => {
  const no = refusalOf(deps, caller, id);
  if (no) return no;
  const { records, clock } = deps;
  const before = await records.get(tenantPartition, id);
  const version = before?.version ?? 0;
  if (expected !== undefined && expected !== version) return changedElsewhere(version);
  const read = readTenantWritten(id, body, { tenants: await everyTenantBut(deps, id) });
  if (read.kind === 'mistakes') throw new BadBody(read.mistakes);
  const known = before && readableTenant(before);
  const { tenant } = read;
  if (before && known && sameTenant(known.tenant, tenant))
    return done({ outcome: 'unchanged', tenant: viewOf(deps, before), note: reattributeNote });
  const at = new Date(clock.nowMs()).toISOString();
  const value: StoredTenant = { tenant, createdAt: known?.createdAt || at, changedAt: at, changedBy: caller.by };
  const changed = known && lists.filter((list) => !sameValues(known.tenant[list], tenant[list]));
  const action = before ? 'tenant-changed' : 'tenant-created';
  const change = { action, tenant: everyTenant, id, by: caller.by, ...(changed && { changed }) } as const;
  const written = await auditedWrite(deps, { partition: tenantPartition, id, value }, version, change);
  if (written === 'conflict') return changedMeanwhile(deps, id);
  const view = viewOf(deps, { partition: tenantPartition, id, value, version: version + 1 });
  return done({ outcome: before ? 'changed' : 'created', tenant: view, note: reattributeNote });
};

/** The tenant's events are of no known tenant from now on; those that are journaled stay its own. */
export const deleteTenant = async (
  deps: TenantChangeDeps,
  caller: Caller,
  id: string,
  { expected }: { readonly expected?: number } = {},
): Promise<Answer<{ readonly id: string }>> => {
  if (!isOperator(caller) || !tenantIdShape.test(id)) return notFound;
  const { records } = deps;
  const record = await records.get(tenantPartition, id);
  if (!record) return fileTenant(deps, id) ? keptInFile(id) : notFound;
  if (expected !== undefined && expected !== record.version) return changedElsewhere(record.version);
  const kept = await keptSubscriptions(records, id);
  if (kept > 0)
    return refused(
      'wrong state',
      `Tenant "${id}" has ${kept === 1 ? 'a subscription' : 'subscriptions'} still. Delete ${kept === 1 ? 'it' : 'them'} first.`,
    );
  const change = { action: 'tenant-deleted', tenant: everyTenant, id, by: caller.by } as const;
  const removed = await auditedRemove(deps, { partition: tenantPartition, id }, record.version, change);
  if (removed === 'conflict') return changedMeanwhile(deps, id);
  return done({ id });
};

const changedMeanwhile = async ({ records }: TenantsDeps, id: string): Promise<Refusal> => {
  const now = await records.get(tenantPartition, id);
  if (now) return changedElsewhere(now.version);
  throw new RetryLater(`Tenant "${id}" was being changed at the same time. Try again.`);
};

const refusalOf = (deps: TenantsDeps, caller: Caller, id: string): Refusal | undefined => {
  if (!isOperator(caller)) return notFound;
  if (!deps.file.directory)
    return refused(
      'wrong state',
      "Every event here is one tenant's: SLUICE_TENANT says so. For several tenants set SLUICE_TENANTS_FILE in its place, or neither.",
    );
  if (!tenantIdShape.test(id))
    throw new BadBody([{ path: ['id'], detail: 'must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit.' }]);
  return fileTenant(deps, id) ? keptInFile(id) : undefined;
};

const keptInFile = (id: string): Refusal =>
  refused('kept in the file', `Tenant "${id}" is kept in the file of SLUICE_TENANTS_FILE. Change it there.`);

const fileTenant = ({ file }: TenantsDeps, id: string): Tenant | undefined =>
  file.directory?.tenants.find((tenant) => tenant.id === id);

const everyTenantBut = async ({ file, records }: TenantsDeps, id: string): Promise<readonly Tenant[]> => {
  const stored = (await tenantRecords(records)).filter((record) => record.id !== id);
  return [...(file.directory?.tenants ?? []), ...stored.map((record) => storedTenant(records, record).tenant)];
};

/** 0, 1 or more: one page tells. */
const keptSubscriptions = async (records: RecordStore, tenant: string): Promise<number> =>
  (await storedOf(records, tenant, { limit: 900 })).items.filter(({ stored }) => stored.deletedAt === undefined).length;

const sameTenant = (a: Tenant, b: Tenant): boolean => lists.every((list) => sameValues(a[list], b[list]));

const sameValues = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((value, at) => value === b[at]);

const viewOf = ({ records }: TenantsDeps, record: Parameters<typeof storedTenant>[1]): TenantView => {
  const { tenant, createdAt, changedAt } = storedTenant(records, record);
  return { ...tenant, managed: 'api', version: record.version, createdAt, changedAt };
};
