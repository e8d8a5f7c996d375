import type { Secrets } from '../../ports/secrets.ts';
import { resealSubscriptions } from '../roster/reseal.ts';
import { resultOf, settled } from '../settled.ts';
import { signHeadWhenDue } from '../sign-head.ts';
import type { AuditDeps } from './audit-journal.ts';
import { flushAudit } from './audited-write.ts';
import { sweepSubscriptions } from './sweep-subscriptions.ts';

export interface LookedAfter {
  /** Changes whose call had died before they were journaled. */
  readonly journaled: number;
  /** Subscriptions that were made or deleted halfway. */
  readonly finished: number;
  /** Subscriptions whose credentials came under the current root key. */
  readonly resealed: number;
  /** The head of the audit journal that was signed; absent when none was due. */
  readonly head?: string;
}

/**
 * What management calls that died have left behind is finished, credentials come under the current root key, and how far the audit journal has
 * come is signed. Hourly; any number at once.
 */
export const lookAfterChanges = async (deps: AuditDeps & { readonly secrets: Secrets }): Promise<LookedAfter> => {
  const { audit } = deps;
  // Each for itself: what stands in the way of one holds up no other.
  const flushed = await settled(flushAudit(deps));
  const swept = await settled(sweepSubscriptions(deps));
  const resealed = await settled(resealSubscriptions(deps));
  const heads = { ...deps, journal: audit, journalStore: audit.store, roster: { all: async () => [] } };
  const signed = await settled(signHeadWhenDue(heads));
  const head = resultOf(signed)?.name;
  return {
    journaled: resultOf(flushed),
    finished: resultOf(swept),
    resealed: resultOf(resealed),
    ...(head !== undefined && { head }),
  };
};
