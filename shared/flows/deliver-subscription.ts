import { afterOutcome, type Decision } from '../core/after-outcome.ts';
import type { Outcome } from '../core/batch.ts';
import type { Subscription } from '../core/subscription.ts';
import type { Claim, SubscriptionState } from '../core/subscription-state.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { DeliverLine, Telemetry } from '../ports/telemetry.ts';
import { bury } from './deliver/dead-letters.ts';
import { digestBringsBackAtMs, digestStep, isDigestDue } from './deliver/digests.ts';
import type { Gathered } from './deliver/gather-batch.ts';
import { checkEnd, loadState, storeState } from './deliver/load-state.ts';
import { batchOf, gatherFrom, idOf, planBatch, ripeAtMs } from './deliver/plan-batch.ts';
import { deliverLine, type Ending } from './deliver/report.ts';
import type { Journal } from './journal/open-journal.ts';
import { settled } from './settled.ts';

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

/** A batch that nobody else sends: its claim is stored. */
interface Claimed {
  readonly claim: Claim;
  readonly gathered: Gathered;
}

type Step = Claimed | Ending | 'go on';

/**
 * Brings a subscription as far as the journal goes, one batch after the other. The cursor moves only after the destination has
 * accepted; whatever happens in between, the same batch is sent again with the same id and the same bytes. What a batch came to
 * and the claim on the next are one write.
 * @throws RetryLater, OperatorMustFix when state or journal cannot be read; what the destination does is never an exception
 */
export const deliverSubscription = async (
  deps: DeliverDeps,
  subscription: Subscription,
  options: DeliverOptions,
): Promise<DeliverLine> => {
  const { clock, records, journal, telemetry, destination, random = Math.random } = deps;
  const startedAtMs = clock.nowMs();
  const before = await loadState({ records, journal }, subscription);
  let { state, version, dueAtMs: dueAt } = before;
  let batches = 0;
  let oldestWaiting: string | undefined;

  /** `dueAtMs`: when somebody must look again even if nobody wakes the subscription; `undefined`: it is caught up. */
  const store = async (next: SubscriptionState, dueAtMs: number | undefined): Promise<boolean> => {
    const due = sooner(dueAtMs, digestBringsBackAtMs(destination, next));
    if ((await storeState(records, subscription.id, next, version, due)) === 'conflict') return false;
    state = next;
    dueAt = due;
    version += 1;
    return true;
  };

  const tell = ({ tell: what }: Decision): void => {
    if (what === undefined) return;
    const { id } = subscription;
    telemetry.notice('error', `Subscription "${id}" ${what}.`, { subscription: id });
  };
  const stopping = (): boolean => options.signal?.aborted === true || options.remainingMs() < reserveMs;
  const isRipe = (gathered: Gathered): boolean =>
    gathered.extent === 'full' || ripeAtMs(subscription, gathered) <= clock.nowMs();
  const claimOn = (of: SubscriptionState, gathered: Gathered): Claim => ({
    id: idOf(subscription, of, gathered),
    end: gathered.end,
    until: clock.nowMs() + claimMs,
  });

  const begin = async (): Promise<Step> => {
    const nowMs = clock.nowMs();
    if (stopping()) return 'out of time';
    if (state.health.status === 'disabled') return 'disabled';
    if (subscription.destination.type === 'poll') return 'waiting';
    const waits = (state.health.retryAtMs ?? 0) > nowMs;
    if (waits && state.health.failures > 0) return 'waiting';
    if (state.claim && state.claim.until > nowMs) return 'claimed by another';
    if (isDigestDue(destination, state, nowMs)) return attest();
    if (waits) return 'waiting';
    const gathered = await planBatch(deps, subscription, state);
    oldestWaiting = gathered.oldestCommittedAt;
    if (gathered.lines.length === 0) return passOver(gathered);
    if (!isRipe(gathered)) {
      const retryAtMs = ripeAtMs(subscription, gathered);
      return (await store({ ...state, health: { ...state.health, retryAtMs } }, retryAtMs)) ? 'waiting' : 'conflict';
    }
    const claim = claimOn(state, gathered);
    return (await store({ ...state, claim }, claim.until)) ? { claim, gathered } : 'conflict';
  };

  const attest = async (): Promise<Step> => {
    const decision = await digestStep(destination, subscription, state, { nowMs: clock.nowMs, random });
    tell(decision);
    const { retryAtMs = clock.nowMs() + claimMs } = decision.state.health;
    return (await store(decision.state, retryAtMs)) ? 'go on' : 'conflict';
  };

  const passOver = async ({ end, filtered }: Gathered): Promise<Ending> => {
    const moved = end.segment !== state.cursor.segment || end.index !== state.cursor.index;
    // A subscription seen for the first time is recorded even so: where it begins must not move on with the journal.
    if (!moved && version > 0 && dueAt === digestBringsBackAtMs(destination, state)) return 'caught up';
    const counts = { ...state.counts, filtered: state.counts.filtered + filtered };
    const { claim: _, health, ...rest } = state;
    const { retryAtMs: __, ...mended } = health;
    return (await store({ ...rest, health: mended, cursor: end, counts }, undefined)) ? 'caught up' : 'conflict';
  };

  const send = async ({ claim, gathered }: Claimed): Promise<Step> => {
    const batch = batchOf(subscription, state, claim, gathered);
    const attempt = state.health.failures + 1;
    // What comes next is gathered while this is under way; a narrowed batch is followed by one of another size.
    const more = gathered.extent === 'full' && state.narrowedTo === undefined;
    const ahead = more ? settled(gatherFrom(deps, subscription, state, claim.end)) : undefined;
    const sentAtMs = clock.nowMs();
    const outcome = await destination.send(batch, {
      number: attempt,
      ...(options.signal && { signal: options.signal }),
    });
    const nowMs = clock.nowMs();
    telemetry.attempt({
      subscription: subscription.id,
      tenant: subscription.tenant,
      destination: destination.description,
      batch: batch.id,
      sequence: batch.sequence,
      attempt,
      outcome: outcome.kind,
      answer: outcome.answer,
      events: batch.lines.length,
      bytes: batch.lines.reduce((sum, line) => sum + line.length, 0),
      durationMs: nowMs - sentAtMs,
    });
    const { filtered } = gathered;
    const events = batch.lines.length;
    const decision = afterOutcome(state, { claim, events, filtered, outcome, nowMs, random: random() });
    tell(decision);
    if (decision.deadLetter) await bury(records, batch, { answer: outcome.answer, nowMs });
    // Where the journal cannot be read on, what was delivered is recorded all the same: the next step meets the trouble and says it.
    const next = outcome.kind === 'delivered' ? await ahead : undefined;
    return record(decision.state, outcome, gathered, next?.ok ? next.value : undefined);
  };

  /** Stores what the batch came to, and with it the claim on the one that follows. */
  const record = async (
    after: SubscriptionState,
    outcome: Outcome,
    sent: Gathered,
    next: Gathered | undefined,
  ): Promise<Step> => {
    if (outcome.kind === 'delivered') batches += 1;
    const goesOn = !stopping() && !isDigestDue(destination, after, clock.nowMs());
    if (goesOn && next && next.lines.length > 0 && isRipe(next)) {
      const claim = claimOn(after, next);
      return (await store({ ...after, claim }, claim.until)) ? { claim, gathered: next } : 'conflict';
    }
    return (await store(after, dueAfter(after, sent, clock.nowMs()))) ? 'go on' : 'conflict';
  };

  let at: Step = 'go on';
  while (at === 'go on' || typeof at === 'object') at = at === 'go on' ? await begin() : await send(at);
  if (at === 'caught up') await checkEnd({ records, journal }, state);

  const nowMs = clock.nowMs();
  const run = { batches, before: before.state, after: state, oldestWaiting, startedAtMs, nowMs };
  const line = await deliverLine(journal, subscription, at, run);
  telemetry.deliverRun(line);
  return line;
};

/** More to do and nobody else to say so: should this run die, the due index brings the subscription back. */
const dueAfter = ({ health }: SubscriptionState, { extent }: Gathered, nowMs: number): number | undefined => {
  if (health.status === 'disabled') return undefined;
  const caughtUp = extent === 'all' && health.failures === 0 && health.deadLettersInARow === 0;
  return health.retryAtMs ?? (caughtUp ? undefined : nowMs + claimMs);
};

const sooner = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
