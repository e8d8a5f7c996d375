import { type ApiKey, endedAtMs } from '../../core/api-key.ts';
import { everyTenant } from '../../core/event.ts';
import type { StoredRecord } from '../../ports/record-store.ts';
import { isStoredKey, keyPartition } from '../api-keys.ts';
import { forgetUse } from '../key-uses.ts';
import { eachRecord } from '../records/each-record.ts';
import { type Refusal, refused } from './answer.ts';
import type { AuditDeps } from './audit-journal.ts';
import { settledRemove } from './audited-write.ts';

/** A key for each program and each person of a large team; whoever needs more has forgotten to revoke. */
export const mostKeysInUse = 100;
/** With those in use a thousand records of a tenant: a page of the store. */
export const mostEndedKeys = 900;
/** Nobody remembers a key for as long as this: its record may go. */
const endedLongEnoughMs = 3_600_000;
/** One call removes so many at most. It makes one, so they go faster than they come. */
const mostRemoved = 100;

/**
 * Whether a tenant may have one more key; `*` always may. Of its revoked and expired keys those that ended last stay in the store, and the
 * others are removed: what was done with them is in the audit journal. Reads every key, a thousand at a time; records that cannot be read
 * let nobody in and do not count.
 * @returns `refused` `too many`; `undefined`: there is room
 * @throws RetryLater when the last change of a key that is to go cannot be journaled
 */
export const roomForKey = async (deps: AuditDeps, tenant: string): Promise<Refusal | undefined> => {
  if (tenant === everyTenant) return undefined;
  const nowMs = deps.clock.nowMs();
  const ended: Ended[] = [];
  let inUse = 0;
  for (const { record, key } of await keysOf(deps, tenant)) {
    const atMs = endedAtMs(key, nowMs);
    if (atMs === undefined) inUse += 1;
    else ended.push({ record, atMs });
  }
  if (inUse >= mostKeysInUse)
    return refused(
      'too many',
      `Tenant "${tenant}" has ${mostKeysInUse} keys that are neither revoked nor expired, which is the most. Revoke one that is not needed.`,
    );
  for (const { record } of tooMany(ended, nowMs)) {
    await forgetUse(deps.records, record.id);
    // A conflict: somebody else has removed it.
    await settledRemove(deps, record);
  }
  return undefined;
};

interface Ended {
  readonly record: StoredRecord;
  /** When it ended. */
  readonly atMs: number;
}

/** Those that ended first, as far as they may go. */
const tooMany = (ended: readonly Ended[], nowMs: number): readonly Ended[] =>
  [...ended]
    .sort((a, b) => a.atMs - b.atMs)
    .slice(0, Math.max(0, ended.length - mostEndedKeys))
    .filter(({ atMs }) => nowMs - atMs > endedLongEnoughMs)
    .slice(0, mostRemoved);

const keysOf = async ({ records }: AuditDeps, tenant: string): Promise<readonly KeyRecord[]> => {
  const found: KeyRecord[] = [];
  for await (const record of eachRecord(records, keyPartition)) {
    const { id, value: key } = record;
    if (isStoredKey(id, key) && key.tenant === tenant) found.push({ record, key });
  }
  return found;
};

interface KeyRecord {
  readonly record: StoredRecord;
  readonly key: ApiKey;
}
