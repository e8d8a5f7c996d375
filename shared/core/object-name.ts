/** Where the objects of a subscription lie: Hive-style partitions that Athena, Spark and DuckDB read as columns. */
import type { Batch } from './batch.ts';
import { everyTenant } from './event.ts';
import { sha256Hex } from './segment.ts';
import type { SubscriptionFormat } from './subscription.ts';

const isoUtc = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?Z$/;

/** Stands for `*`, which cannot be in a name; no tenant id begins with `_`. */
const everyTenantInName = '_all';

export const tenantInName = (tenant: string): string => (tenant === everyTenant ? everyTenantInName : tenant);

/**
 * `tenant={t}/dt=YYYY-MM-DD/hour=HH/{firstTime}_{sequence}_{hash8}.ndjson.gz`, in UTC, below the destination's prefix: a pure function of
 * the batch, so that every attempt names the same object. Lines of CEF end in `.cef.gz`.
 *
 * `firstTime` is the first event's time without `:` (`2026-11-20T101502.123Z`), or when its segment was committed; `sequence` has 10
 * digits; `hash8` begins a SHA-256 over subscription, chain and content, so that no two batches share a name.
 *
 * @param content the object before compression
 */
export const objectName = (batch: Batch, content: Uint8Array, format: SubscriptionFormat = 'ecs'): string => {
  const time = batch.firstTime && isoUtc.test(batch.firstTime) ? batch.firstTime : batch.committedAt;
  const sequence = String(batch.sequence).padStart(10, '0');
  const hash8 = sha256Hex(`${batch.subscription}\n${batch.previous}\n${sha256Hex(content)}`).slice(0, 8);
  const folder = `tenant=${tenantInName(batch.tenant)}/dt=${time.slice(0, 10)}/hour=${time.slice(11, 13)}`;
  return `${folder}/${time.replaceAll(':', '')}_${sequence}_${hash8}.${format === 'cef' ? 'cef' : 'ndjson'}.gz`;
};
