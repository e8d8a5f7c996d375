import type { Subscription } from '../../core/subscription.ts';
import type { CommonRules } from '../../core/subscription-rules.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Destination } from '../../ports/destination.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Secrets } from '../../ports/secrets.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { WorkQueue } from '../../ports/work-queue.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { Roster } from '../roster.ts';
import type { AuditDeps } from './audit-journal.ts';

/** What the management calls work with. Each call asks for as little of it as it needs. */
export interface ManageDeps extends AuditDeps {
  readonly roster: Roster;
  readonly records: RecordStore;
  /** Of the events; their source's. */
  readonly journal: Journal;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly queue: WorkQueue;
  readonly telemetry: Telemetry;
  /** What a written subscription is held against. */
  readonly rules: CommonRules;
  /** Ids of the tenants of the directory as it is now; absent: `rules` says it. `undefined`: nothing is known about them. */
  tenantIds?(): Promise<readonly string[] | undefined>;
  /** Where test messages go. */
  destinationOf(subscription: Subscription): Promise<Destination>;
}
