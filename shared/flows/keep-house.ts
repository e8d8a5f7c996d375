import { messageOf, SluiceError } from '../core/errors.ts';
import type { AuditDeps } from './manage/audit-journal.ts';
import { flushAudit } from './manage/audited-write.ts';
import { sweepSubscriptions } from './manage/sweep-subscriptions.ts';
import { type ResealDeps, resealSubscriptions } from './roster/reseal.ts';

export interface HouseDeps extends AuditDeps, ResealDeps {}

/**
 * What nobody waits for, and what must be done all the same: what crashed calls left behind is journaled or removed, credentials are sealed
 * under the current root key. To be called every few minutes; a call with nothing to do is a few reads. Trouble with one is said, holds up
 * none of the others, and is met again by the next call.
 */
export const keepHouse = async (deps: HouseDeps): Promise<void> => {
  for (const [what, work] of chores) {
    try {
      await work(deps);
    } catch (error) {
      const isExpected = error instanceof SluiceError;
      const level = isExpected && error.actor === 'next-run' ? 'warn' : 'error';
      deps.telemetry.notice(
        level,
        `${what}: ${messageOf(isExpected || !(error instanceof Error) ? error : error.stack)}`,
      );
    }
  }
};

const chores: readonly (readonly [string, (deps: HouseDeps) => Promise<number>])[] = [
  ['Changes that were made wait for their place in the audit journal', flushAudit],
  ['What deleted subscriptions left behind was not removed', sweepSubscriptions],
  ['Credentials were not sealed anew', resealSubscriptions],
];
