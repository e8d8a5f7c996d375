import { type Attempted, afterOutcome } from '../core/after-outcome.ts';
import type { Batch } from '../core/batch.ts';
import type { Subscription } from '../core/subscription.ts';
import { batchId, type Claim, contentOf, type SubscriptionState } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { DeliverLine, Telemetry } from '../ports/telemetry.ts';
import { bury } from './deliver/dead-letters.ts';
import { type Gathered, gatherBatch } from './deliver/gather-batch.ts';
import { loadState, storeState } from './deliver/load-state.ts';
import { firstTimeOf, wantsOf } from './deliver/wants.ts';
import type { Journal } from './journal/open-journal.ts';

export interface DeliverDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly destination: Destination;
  readonly telemetry: Telemetry;
  /** From 0 to 1, for the jitter. */
  readonly random?: () => number;
}

export interface DeliverOptions {
  readonly remainingMs: () => number;
  readonly signal?: AbortSignal;
}

/** One exchange is over within 15 s; who has not recorded its outcome after this long is dead. */
const claimMs = 60_000;
/** A new batch is begun only while there is time for its exchange and its record. */
const reserveMs = 20_000;
/** What an envelope may add to its events. */
const envelopeBytes = 1024;

/**
 * Brings a subscription as far as the journal goes, one batch after the other. The cursor moves only after the destination has
 * accepted; whatever happens in between, the same batch is sent again with the same id and the same bytes.
 * @throws RetryLater, OperatorMustFix when state or journal cannot be read; what the destination does is never an exception
 */
export const deliverSubscription = async (
  deps: DeliverDeps,
  subscription: Subscription,
  options: DeliverOptions,
): Promise<DeliverLine> => {
  const { clock, records, journal, telemetry } = deps;
  const startedAtMs = clock.nowMs();
  const before = await loadState({ records, journal }, subscription);
  let { state, version } = before;
  let batches = 0;
  let oldestWaiting: string | undefined;

  /** `dueAtMs`: when somebody must look again even if nobody wakes the subscription; `undefined`: it is caught up. */
  const store = async (next: SubscriptionState, dueAtMs: number | undefined): Promise<boolean> => {
    if ((await storeState(records, subscription.id, next, version, dueAtMs)) === 'conflict') return false;
    state = next;
    version += 1;
    return true;
  };

  const step = async (): Promise<Step> => {
    const nowMs = clock.nowMs();
    if (state.health.status === 'disabled') return 'disabled';
    if ((state.health.retryAtMs ?? 0) > nowMs) return 'waiting';
    if (state.claim && state.claim.until > nowMs) return 'claimed by another';
    const { gathered, id } = await nextBatch(deps, subscription, state);
    oldestWaiting = gathered.oldestCommittedAt;
    if (gathered.lines.length === 0) return passOver(gathered);
    const ripeAtMs = Date.parse(gathered.oldestCommittedAt ?? '') + subscription.batch.maxDelaySeconds * 1000;
    if (gathered.extent === 'all' && ripeAtMs > nowMs) {
      const waits = { ...state, health: { ...state.health, retryAtMs: ripeAtMs } };
      return (await store(waits, ripeAtMs)) ? 'waiting' : 'conflict';
    }
    const claim: Claim = { id, end: gathered.end, until: nowMs + claimMs };
    if (!(await store({ ...state, claim }, claim.until))) return 'conflict';
    return send(claim, gathered);
  };

  const passOver = async ({ end, filtered }: Gathered): Promise<Step> => {
    const moved = end.segment !== state.cursor.segment || end.index !== state.cursor.index;
    // A subscription seen for the first time is recorded even so: where it begins must not move on with the journal.
    if (!moved && version > 0) return 'caught up';
    const counts = { ...state.counts, filtered: state.counts.filtered + filtered };
    const { claim: _, health, ...rest } = state;
    const { retryAtMs: __, ...settled } = health;
    return (await store({ ...rest, health: settled, cursor: end, counts }, undefined)) ? 'caught up' : 'conflict';
  };

  const send = async (claim: Claim, gathered: Gathered): Promise<Step> => {
    const batch = batchOf(subscription, state, claim, gathered);
    const attempt = state.health.failures + 1;
    const sentAtMs = clock.nowMs();
    const outcome = await deps.destination.send(batch, {
      number: attempt,
      ...(options.signal && { signal: options.signal }),
    });
    const nowMs = clock.nowMs();
    telemetry.attempt({
      subscription: subscription.id,
      tenant: subscription.tenant,
      destination: deps.destination.description,
      batch: batch.id,
      sequence: batch.sequence,
      attempt,
      outcome: outcome.kind,
      answer: outcome.answer,
      events: batch.lines.length,
      bytes: batch.lines.reduce((sum, line) => sum + line.length, 0),
      durationMs: nowMs - sentAtMs,
    });
    const contentSha256 = (outcome.kind === 'delivered' ? outcome.contentSha256 : undefined) ?? contentOf(batch);
    const random = (deps.random ?? Math.random)();
    const attempted: Attempted = {
      claim,
      events: batch.lines.length,
      filtered: gathered.filtered,
      contentSha256,
      outcome,
      nowMs,
      random,
    };
    const decision = afterOutcome(state, attempted);
    if (decision.tell !== undefined)
      telemetry.notice('error', `Subscription "${subscription.id}" ${decision.tell}.`, {
        subscription: subscription.id,
      });
    if (decision.deadLetter) await bury(records, batch, { answer: outcome.answer, nowMs });
    if (!(await store(decision.state, dueAfter(decision.state, gathered, nowMs)))) return 'conflict';
    if (outcome.kind === 'delivered') batches += 1;
    return 'go on';
  };

  let at: Step = 'go on';
  while (at === 'go on') {
    const stopping = options.signal?.aborted === true || options.remainingMs() < reserveMs;
    at = stopping ? 'out of time' : await step();
  }
  const line = deliverLine(subscription, at, {
    batches,
    before: before.state,
    after: state,
    oldestWaiting,
    startedAtMs,
    nowMs: clock.nowMs(),
  });
  const head = await journal.head(Math.max(0, Math.min(state.cursor.segment - 1, before.state.cursor.segment - 1)));
  const whole = { ...line, lagSegments: Math.max(0, (head?.seq ?? 0) + 1 - state.cursor.segment) };
  telemetry.deliverRun(whole);
  return whole;
};

/** More to do and nobody else to say so: should this run die, the due index brings the subscription back. */
const dueAfter = ({ health }: SubscriptionState, { extent }: Gathered, nowMs: number): number | undefined => {
  if (health.status === 'disabled') return undefined;
  return (
    health.retryAtMs ??
    (extent === 'all' && health.failures === 0 && health.deadLettersInARow === 0 ? undefined : nowMs + claimMs)
  );
};

type Step = 'go on' | 'caught up' | 'waiting' | 'claimed by another' | 'disabled' | 'conflict' | 'out of time';

/** The claimed batch again, as long as nothing that decides its content has changed; otherwise a new one. */
const nextBatch = async (
  { journal, destination }: DeliverDeps,
  subscription: Subscription,
  state: SubscriptionState,
) => {
  const { cursor, sequence, chain, notBefore, claim, narrowedTo } = state;
  const { batch, tenant } = subscription;
  const idOf = (end: Claim['end']) =>
    batchId({
      subscription,
      sequence: sequence + 1,
      previous: chain,
      from: cursor,
      end,
      ...(notBefore !== undefined && { notBefore }),
    });
  const limits = {
    tenant,
    wants: wantsOf(subscription.filter, notBefore),
    maxEvents: Math.min(batch.maxEvents, destination.limits.maxEvents, narrowedTo ?? Number.POSITIVE_INFINITY),
    maxBytes: Math.min(batch.maxBytes, destination.limits.maxBytes) - envelopeBytes,
  };
  const claimed = claim && idOf(claim.end) === claim.id ? claim : undefined;
  const gathered = await gatherBatch(journal, cursor, claimed ? { ...limits, end: claimed.end } : limits);
  return { gathered, id: idOf(gathered.end) };
};

const batchOf = (subscription: Subscription, state: SubscriptionState, claim: Claim, gathered: Gathered): Batch => ({
  id: claim.id,
  subscription: subscription.id,
  tenant: subscription.tenant,
  sequence: state.sequence + 1,
  previous: state.chain,
  lines: gathered.lines,
  committedAt: gathered.newestCommittedAt ?? '',
  ...firstTimeOf(gathered.lines),
});

const deliverLine = (
  subscription: Subscription,
  result: Step,
  run: {
    readonly batches: number;
    readonly before: SubscriptionState;
    readonly after: SubscriptionState;
    readonly oldestWaiting: string | undefined;
    readonly startedAtMs: number;
    readonly nowMs: number;
  },
): Omit<DeliverLine, 'lagSegments'> => ({
  subscription: subscription.id,
  result,
  batches: run.batches,
  delivered: run.after.counts.delivered - run.before.counts.delivered,
  filtered: run.after.counts.filtered - run.before.counts.filtered,
  deadLetters: run.after.counts.deadLetters - run.before.counts.deadLetters,
  oldestUndeliveredMs:
    run.oldestWaiting === undefined || result === 'caught up'
      ? 0
      : Math.max(0, run.nowMs - Date.parse(run.oldestWaiting)),
  durationMs: run.nowMs - run.startedAtMs,
});
