import { type Checkpoint, checkpointPartition, isWithoutEnd } from '../core/checkpoint.ts';
import { messageOf, OperatorMustFix } from '../core/errors.ts';
import { msOf } from '../core/instant.ts';
import { type Reconciliation, readReconciliation, reconcilePartition } from '../core/reconcile.ts';
import { type ShownState, shownState } from '../core/shown-state.ts';
import type { Subscription } from '../core/subscription.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { loadState } from './deliver/load-state.ts';
import { eachManifest } from './journal/each-manifest.ts';
import type { Journal } from './journal/open-journal.ts';
import { readCheckpoint } from './pull/load-checkpoint.ts';
import { type Account, accountOf, isBalanced, type SourceTotals, sourceTotals } from './status/accounts.ts';
import { type KeptState, keptStates } from './status/kept-states.ts';

/** What an operator looks at first; also its form as JSON. Times ISO 8601, durations in milliseconds, counts of events. */
export interface Status {
  readonly source: SourceStatus;
  /** In the order of the settings; one whose state cannot be used is missing here and named in `problems`. */
  readonly subscriptions: readonly SubscriptionStatus[];
  /** Absent: every state belongs to a subscription. */
  readonly kept?: readonly KeptState[];
  /** Sentences for people: accounts that do not add up, states that cannot be used, events that were missed. Empty: all is well. */
  readonly problems: readonly string[];
}

export interface SourceStatus extends SourceTotals {
  readonly id: string;
  /** `begun`: a pull began, and none has reached its end; what is complete is not known yet. */
  readonly state: 'never pulled' | 'begun' | 'pulled';
  readonly watermark?: string;
  readonly scannedAt?: string;
  /** Now less `completeThrough`; before the first reconciliation, now less the watermark. */
  readonly lagMs?: number;
  /** Segments appended. */
  readonly segments: number;
  /** What the last reconciliations found; absent before the first. */
  readonly reconciled?: ReconciledStatus;
}

/** As in `Reconciliation`, where each is explained. */
export type ReconciledStatus = Pick<
  Reconciliation,
  'completeThrough' | 'checkedAt' | 'lateRecovered' | 'lateMissed' | 'removedAtSource' | 'exceptions' | 'unmended'
>;

/** With its state as everybody is shown it, and the reason in words. */
export interface SubscriptionStatus extends ShownState {
  readonly id: string;
  readonly tenant: string;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLetters: number;
  /** Journaled for it from where it began to its cursor, counted in the manifests: delivered + filtered + dead letters, or something is wrong. */
  readonly journaled: number;
  /** Journaled for the tenant and not yet considered. */
  readonly waiting: number;
  /** Age of the oldest waiting event, by when it was journaled; 0 when none waits. */
  readonly oldestUndeliveredMs: number;
  readonly failures: number;
  readonly retryAt?: string;
  readonly lastAnswer?: string;
}

interface Deps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
}

/**
 * How far source and subscriptions have come, from state and manifests alone: no event is read, and each manifest once.
 * @throws OperatorMustFix when the checkpoint cannot be read, or the journal has a hole or a broken chain
 */
export const readStatus = async (deps: Deps, subscriptions: readonly Subscription[]): Promise<Status> => {
  const { journal, records, clock } = deps;
  const stored = await records.get(checkpointPartition, journal.source);
  const checkpoint = stored && readCheckpoint(stored, deps);
  const reconciled = readReconciliation((await records.get(reconcilePartition, journal.source))?.value);
  const problems: string[] = [];
  const accounts: Account[] = [];
  for (const subscription of subscriptions) {
    try {
      // The state first: whatever its cursor has passed is in the manifests that are read afterwards.
      const { state } = await loadState(deps, subscription);
      accounts.push(accountOf(subscription, state));
    } catch (error) {
      if (!(error instanceof OperatorMustFix)) throw error;
      problems.push(messageOf(error));
    }
  }
  const head = (await journal.provenHead(checkpoint?.head ?? 0))?.seq ?? 0;
  const totals = sourceTotals();
  for await (const manifest of eachManifest(journal, { from: 1, to: head })) {
    totals.add(manifest);
    for (const account of accounts) account.add(manifest);
  }
  for (const account of accounts) if (!isBalanced(account)) problems.push(imbalance(account));
  if (reconciled && reconciled.lateMissed > 0) problems.push(missed(reconciled.lateMissed));
  const kept = await keptStates(records, new Set(subscriptions.map(({ id }) => id)), head);
  return {
    source: {
      id: journal.source,
      ...walkStatus(checkpoint, reconciled, clock.nowMs()),
      segments: head,
      ...totals.sums(),
    },
    subscriptions: accounts.map((account) => statusOf(account, clock.nowMs())),
    ...(kept.length > 0 && { kept }),
    problems,
  };
};

const walkStatus = (
  checkpoint: Checkpoint | undefined,
  reconciled: Reconciliation | undefined,
  nowMs: number,
): Pick<SourceStatus, 'state' | 'watermark' | 'scannedAt' | 'lagMs' | 'reconciled'> => {
  if (!checkpoint) return { state: 'never pulled' };
  if (isWithoutEnd(checkpoint)) return { state: 'begun' };
  const { watermark, scannedAt } = checkpoint;
  return {
    state: 'pulled',
    watermark,
    scannedAt,
    lagMs: Math.max(0, nowMs - msOf(reconciled?.completeThrough ?? watermark)),
    ...(reconciled && { reconciled: shown(reconciled) }),
  };
};

const shown = ({ rungs: _, tallied: __, ...rest }: Reconciliation): ReconciledStatus => rest;

const missed = (count: number): string =>
  `${count} ${count === 1 ? 'event' : 'events'} became visible later than the horizon, and ${count === 1 ? 'is' : 'are'} not in the journal. Bring the days in question with npx sluice backfill --from … --to …, then let npx sluice reconcile count again.`;

const imbalance = ({ subscription, state, journaled }: Account): string => {
  const { delivered, filtered, deadLetters } = state.counts;
  const difference = delivered + filtered + deadLetters - journaled();
  return (
    `The account of subscription "${subscription.id}" does not add up: ${journaled()} journaled for it, ` +
    `${delivered} delivered + ${filtered} filtered + ${deadLetters} dead letters = ${delivered + filtered + deadLetters}, ` +
    `${Math.abs(difference)} too ${difference < 0 ? 'few' : 'many'}. ` +
    `Was its tenant changed, or its state edited? Give another tenant an id of its own.`
  );
};

const statusOf = ({ subscription, state, journaled, waiting }: Account, nowMs: number): SubscriptionStatus => {
  const { health, counts } = state;
  const { count, since } = waiting();
  return {
    id: subscription.id,
    tenant: subscription.tenant,
    ...shownState(state),
    ...counts,
    journaled: journaled(),
    waiting: count,
    oldestUndeliveredMs: since === undefined ? 0 : Math.max(0, nowMs - Date.parse(since)),
    failures: health.failures,
    ...(health.retryAtMs !== undefined && { retryAt: new Date(health.retryAtMs).toISOString() }),
    ...(health.lastAnswer !== undefined && { lastAnswer: health.lastAnswer }),
  };
};
