import type { Tried } from '../../core/attempt.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { Claim } from '../../core/subscription-state.ts';
import type { Alerts } from '../../ports/alerts.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Destination } from '../../ports/destination.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Telemetry } from '../../ports/telemetry.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { Roster } from '../roster.ts';
import type { Gathered } from './gather-batch.ts';
import type { HeldState } from './held-state.ts';
import type { Ending } from './report.ts';
import type { Operator } from './tell-operator.ts';

export interface DeliverDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly destination: Destination;
  readonly telemetry: Telemetry;
  /** Tells the operator of what a person must mend; absent: log and metric alone do. */
  readonly alerts?: Alerts;
  /** Tells a subscription of the API that was deleted from one whose state is lost, and one that was changed from the newest; absent: one without a state is new. */
  readonly roster?: Pick<Roster, 'get' | 'fromFile'>;
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number;
}

export interface DeliverOptions {
  readonly remainingMs: () => number;
  readonly signal?: AbortSignal;
}

/** What the steps of one run of `deliverSubscription` share. */
export interface DeliveryRun {
  readonly deps: Required<Pick<DeliverDeps, 'random'>> & Omit<DeliverDeps, 'random'>;
  readonly subscription: Subscription;
  readonly held: HeldState;
  readonly operator: Operator;
  readonly signal?: AbortSignal;
  /** Whether the run was told to stop, or has no time left for another exchange and its record. */
  readonly isStopping: () => boolean;
  /** Adds to the log of attempts beside the next write of the state; waits for the entry before. */
  readonly log: (tried: Tried) => Promise<void>;
  readonly seen: Seen;
}

/** What a run reports of itself at its end. */
export interface Seen {
  /** Delivered by this run. */
  batches: number;
  /** When the oldest event that was looked at last had been journaled, ISO 8601. */
  oldestWaiting: string | undefined;
}

/** A batch that nobody else sends, because its claim is stored. */
export interface Claimed {
  readonly claim: Claim;
  readonly gathered: Gathered;
}

/** What comes next in a run: a batch to send, another look at the state, or the end. */
export type Step = Claimed | 'go on' | Ending;

/** One exchange is over within 15 s: a deliverer that has not recorded its outcome after this long is dead. */
export const claimMs = 60_000;
