import type { Tried } from '../../core/attempt.ts';
import type { Batch } from '../../core/batch.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import type { Destination } from '../../ports/destination.ts';
import type { AttemptLine, DeliverLine } from '../../ports/telemetry.ts';
import type { Journal } from '../journal/open-journal.ts';

/** Why a run of deliver ended. */
export type Ending =
  | 'caught up'
  | 'waiting'
  /** The endpoint has not answered the challenge yet. */
  | 'pending'
  /** Somebody paused it. */
  | 'paused'
  | 'claimed by another'
  | 'disabled'
  | 'conflict'
  /** It was changed meanwhile: the next run sends what it wants now. */
  | 'changed'
  | 'out of time';

/** One try at a batch, for the log of attempts. */
export const triedOf = (
  { id, sequence, lines }: Batch,
  of: Pick<Tried, 'number' | 'outcome' | 'startedAtMs' | 'endedAtMs'>,
): Tried => ({ kind: 'batch', batch: id, sequence, events: lines.length, ...of });

/** The same for telemetry. */
export const attemptLine = (
  { description }: Pick<Destination, 'description'>,
  { id, subscription, tenant, sequence, lines }: Batch,
  { number, outcome, startedAtMs, endedAtMs }: Tried,
): AttemptLine => ({
  subscription,
  tenant,
  destination: description,
  batch: id,
  sequence,
  attempt: number,
  outcome: outcome.kind,
  answer: outcome.answer,
  events: lines.length,
  bytes: lines.reduce((sum, line) => sum + line.length, 0),
  durationMs: endedAtMs - startedAtMs,
});

export interface DeliverRun {
  readonly batches: number;
  readonly before: SubscriptionState;
  readonly after: SubscriptionState;
  /** When the oldest event that was looked at last had been journaled, ISO 8601. */
  readonly oldestWaiting: string | undefined;
  readonly startedAtMs: number;
  readonly nowMs: number;
}

/** It was woken, and deleted in the meantime: nothing was done. */
export const deletedLine = ({ id }: Pick<Subscription, 'id'>, durationMs: number): DeliverLine => ({
  subscription: id,
  result: 'deleted',
  batches: 0,
  delivered: 0,
  filtered: 0,
  deadLetters: 0,
  lagSegments: 0,
  oldestUndeliveredMs: 0,
  durationMs,
});

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

/** Where a run began, had it begun with what somebody else has brought since: that is not its own work. */
export const withCountsOf = (
  begun: SubscriptionState,
  { counts: before }: SubscriptionState,
  { counts: now }: SubscriptionState,
): SubscriptionState => ({
  ...begun,
  counts: {
    delivered: begun.counts.delivered + now.delivered - before.delivered,
    filtered: begun.counts.filtered + now.filtered - before.filtered,
    deadLetters: begun.counts.deadLetters + now.deadLetters - before.deadLetters,
  },
});
