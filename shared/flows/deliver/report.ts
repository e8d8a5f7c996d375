import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { DeliverLine } from '../../ports/telemetry.ts';
import type { Journal } from '../journal/open-journal.ts';

/** Why a run of deliver ended. */
export type Ending = 'caught up' | 'waiting' | 'claimed by another' | 'disabled' | 'conflict' | 'out of time';

export interface DeliverRun {
  readonly batches: number;
  readonly before: SubscriptionState;
  readonly after: SubscriptionState;
  /** When the oldest event that was looked at last had been journaled, ISO 8601. */
  readonly oldestWaiting: string | undefined;
  readonly startedAtMs: number;
  readonly nowMs: number;
}

export const deliverLine = async (
  journal: Journal,
  subscription: Subscription,
  result: Ending,
  run: DeliverRun,
): Promise<DeliverLine> => {
  const { before, after, nowMs } = run;
  const head = await journal.head(Math.max(0, before.cursor.segment - 1));
  const waitingSince = result === 'caught up' ? undefined : run.oldestWaiting;
  return {
    subscription: subscription.id,
    result,
    batches: run.batches,
    delivered: after.counts.delivered - before.counts.delivered,
    filtered: after.counts.filtered - before.counts.filtered,
    deadLetters: after.counts.deadLetters - before.counts.deadLetters,
    lagSegments: Math.max(0, (head?.seq ?? 0) + 1 - after.cursor.segment),
    oldestUndeliveredMs: waitingSince === undefined ? 0 : Math.max(0, nowMs - Date.parse(waitingSince)),
    durationMs: nowMs - run.startedAtMs,
  };
};
