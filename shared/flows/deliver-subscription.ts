import { afterOutcome, type Decision } from '../core/after-outcome.ts';
import type { Tried } from '../core/attempt.ts';
import { endpointOf } from '../core/endpoint.ts';
import { watchPoller } from '../core/poll.ts';
import { replayStep } from '../core/replay.ts';
import { canonicalText } from '../core/segment.ts';
import type { Subscription } from '../core/subscription.ts';
import type { Claim, SubscriptionState } from '../core/subscription-state.ts';
import type { Alerts } from '../ports/alerts.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { DeliverLine, Telemetry } from '../ports/telemetry.ts';
import { challenge, type Pending } from './deliver/challenge.ts';
import { bury } from './deliver/dead-letters.ts';
import { digestBringsBackAtMs, digestStep, isDigestDue } from './deliver/digests.ts';
import { fellBehind } from './deliver/fell-behind.ts';
import type { Gathered } from './deliver/gather-batch.ts';
import { checkEnd, loadRecorded, loadState, storeState } from './deliver/load-state.ts';
import { logAttempt } from './deliver/log-attempt.ts';
import { batchOf, gatherFrom, idOf, planBatch, ripeAtMs } from './deliver/plan-batch.ts';
import { attemptLine, deletedLine, deliverLine, type Ending, triedOf, withCountsOf } from './deliver/report.ts';
import { takeReplayStep } from './deliver/take-replay-step.ts';
import { operatorOf } from './deliver/tell-operator.ts';
import type { Journal } from './journal/open-journal.ts';
import type { Roster } from './roster.ts';
import { settled } from './settled.ts';

export interface DeliverDeps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
  readonly destination: Destination;
  readonly telemetry: Telemetry;
  /** Tells the operator of what a person must mend; absent: log and metric alone do. */
  readonly alerts?: Alerts;
  /** Tells a subscription of the API that was deleted from one whose state is lost; absent: one without a state is new. */
  readonly roster?: Pick<Roster, 'get' | 'fromFile'>;
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
export const reserveMs = 20_000;
/** Races that one run may lose in a row before it leaves the field. */
const mostLooks = 3;

/** A batch that nobody else sends: its claim is stored. */
interface Claimed {
  readonly claim: Claim;
  readonly gathered: Gathered;
}

type Step = Claimed | Ending | 'go on';

/**
 * Brings a subscription as far as the journal goes, one batch after the other. The cursor moves only after the destination has
 * accepted; whatever happens in between, the same batch is sent again with the same id and the same bytes. What a batch came to
 * and the claim on the next are one write. While somebody holds the subscription nothing is sent; while its endpoint has not answered
 * the challenge, nothing but that.
 * @throws RetryLater, OperatorMustFix when state or journal cannot be read; what the destination does is never an exception
 */
export const deliverSubscription = async (
  deps: DeliverDeps,
  subscription: Subscription,
  options: DeliverOptions,
): Promise<DeliverLine> => {
  const { clock, records, journal, telemetry, destination, random = Math.random } = deps;
  const startedAtMs = clock.nowMs();
  const before = await loadRecorded({ records, journal }, subscription, deps.roster);
  if (before === 'deleted') return deletedLine(subscription, clock.nowMs() - startedAtMs);
  let { state, version, dueAtMs: dueAt } = before;
  let begun = state;
  const operator = operatorOf(deps, subscription);
  let logged: Promise<void> = Promise.resolve();
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

  /** One entry is under way at a time, beside the write of the state. */
  const log = async (tried: Tried): Promise<void> => {
    await logged;
    logged = logAttempt(deps, subscription.id, tried);
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
    if (state.hold?.kind === 'paused') return rest('paused');
    const replayed = await takeReplayStep(records, subscription.id, state);
    if (replayed) return (await store(replayed, nowMs + claimMs)) ? 'go on' : 'conflict';
    if (subscription.destination.type === 'poll') return watch();
    const waits = (state.health.retryAtMs ?? 0) > nowMs;
    if (waits && state.health.failures > 0) return state.hold ? 'pending' : 'waiting';
    if (state.hold) return prove(state.hold);
    if (state.claim && state.claim.until > nowMs) return 'claimed by another';
    if (isDigestDue(destination, state, nowMs)) return attest();
    if (waits) return 'waiting';
    const planned = await settled(planBatch(deps, subscription, state));
    if (!planned.ok) throw await fellBehind(journal, subscription.id, state, planned.error);
    const gathered = planned.value;
    oldestWaiting = gathered.oldestCommittedAt;
    if (gathered.lines.length === 0) return passOver(gathered);
    if (!isRipe(gathered)) {
      const retryAtMs = ripeAtMs(subscription, gathered);
      return (await store({ ...state, health: { ...state.health, retryAtMs } }, retryAtMs)) ? 'waiting' : 'conflict';
    }
    const claim = claimOn(state, gathered);
    return (await store({ ...state, claim }, claim.until)) ? { claim, gathered } : 'conflict';
  };

  /** Nothing brings it back but whoever ends this: the due index forgets it. */
  const rest = async (ending: Ending): Promise<Step> =>
    dueAt === undefined || (await store(state, undefined)) ? ending : 'conflict';

  /** The endpoint is asked to show that it is the customer's. Where there is none to ask, nothing is pending. */
  const prove = async (pending: Pending): Promise<Step> => {
    const { probe } = destination;
    const soon = clock.nowMs() + claimMs;
    if (!probe || subscription.destination.type !== 'webhook') {
      const { hold: _, ...free } = state;
      return (await store(free, soon)) ? 'go on' : 'conflict';
    }
    // The URL was changed since this run read it: what it would answer proves nothing.
    if (pending.endpoint !== undefined && pending.endpoint !== endpointOf(subscription.destination.url))
      return 'conflict';
    const asked = { ...deps, destination: { probe }, random, ...(options.signal && { signal: options.signal }) };
    const { decision, tried } = await challenge(asked, subscription, state, pending);
    await log(tried);
    operator.tell(decision.tell);
    const { hold, health } = decision.state;
    return (await store(decision.state, hold ? health.retryAtMs : soon)) ? 'go on' : 'conflict';
  };

  /** Nobody sends to who fetches; that nobody comes is told. */
  const watch = async (): Promise<Step> => {
    const gathered = state.health.unfetchedSinceMs ?? (await planBatch(deps, subscription, state));
    if (typeof gathered === 'object' && gathered.lines.length === 0) return passOver(gathered);
    const watched = watchPoller(state, { nowMs: clock.nowMs(), waits: true });
    if (watched.tell) operator.tell({ kind: 'subscription failing', text: watched.tell, to: 'person' });
    return watched.dueAtMs === dueAt || (await store(watched.state, watched.dueAtMs)) ? 'waiting' : 'conflict';
  };

  const attest = async (): Promise<Step> => {
    const { decision, tried } = await digestStep(destination, subscription, state, { nowMs: clock.nowMs, random });
    if (tried) await log(tried);
    operator.tell(decision.tell);
    const { retryAtMs = clock.nowMs() + claimMs } = decision.state.health;
    return (await store(decision.state, retryAtMs)) ? 'go on' : 'conflict';
  };

  const passOver = async ({ end, filtered }: Gathered): Promise<Step> => {
    const moved = end.segment !== state.cursor.segment || end.index !== state.cursor.index;
    // A subscription seen for the first time is recorded even so: where it begins must not move on with the journal.
    if (!moved && version > 0 && dueAt === digestBringsBackAtMs(destination, state)) return 'caught up';
    const counts = { ...state.counts, filtered: state.counts.filtered + filtered };
    const { claim: _, health, ...rest } = state;
    const { retryAtMs: __, ...mended } = health;
    const passed = { ...rest, health: mended, cursor: end, counts };
    if (state.replay) return (await store(passed, clock.nowMs() + claimMs)) ? 'go on' : 'conflict';
    return (await store(passed, undefined)) ? 'caught up' : 'conflict';
  };

  const send = async (claimed: Claimed): Promise<Step> => {
    const { claim, gathered } = claimed;
    const batch = batchOf(subscription, state, claim, gathered);
    const number = state.health.failures + 1;
    // What comes next is gathered while this is under way; a narrowed batch is followed by one of another size.
    const more = gathered.extent === 'full' && state.narrowedTo === undefined;
    const ahead = more ? settled(gatherFrom(deps, subscription, state, claim.end)) : undefined;
    const sentAtMs = clock.nowMs();
    const outcome = await destination.send(batch, { number, ...(options.signal && { signal: options.signal }) });
    const nowMs = clock.nowMs();
    const tried = triedOf(batch, { number, outcome, startedAtMs: sentAtMs, endedAtMs: nowMs });
    telemetry.attempt(attemptLine(destination, batch, tried));
    await log(tried);
    const attempted = { claim, events: tried.events, filtered: gathered.filtered, outcome, nowMs, random: random() };
    const decide = (of: SubscriptionState): Decision => afterOutcome(of, attempted);
    const { deadLetter, tell } = decide(state);
    operator.tell(tell);
    if (deadLetter) await bury(records, batch, { answer: outcome.answer, nowMs, state, to: claim.end });
    if (outcome.kind === 'delivered') batches += 1;
    // Where the journal cannot be read on, what was delivered is recorded all the same: the next step meets the trouble and says it.
    const next = outcome.kind === 'delivered' ? await ahead : undefined;
    return record(claimed, (of) => decide(of).state, next?.ok ? next.value : undefined);
  };

  /** Stores what the batch came to, and with it the claim on the one that follows. */
  const record = async (
    { gathered: sent }: Claimed,
    decide: (of: SubscriptionState) => SubscriptionState,
    next: Gathered | undefined,
  ): Promise<Step> => {
    const after = decide(state);
    const goesOn = !stopping() && !isDigestDue(destination, after, clock.nowMs()) && !replayStep(after);
    if (goesOn && next && next.lines.length > 0 && isRipe(next)) {
      const following = claimOn(after, next);
      if (await store({ ...after, claim: following }, following.until)) return { claim: following, gathered: next };
    } else if (await store(after, dueAfter(after, sent, clock.nowMs()))) return 'go on';
    // Paused or resumed while it was on its way: what it came to is recorded beside that, or it would go out again.
    const now = await loadState({ records, journal }, subscription);
    if (!isStillOurs(now.state, state)) return 'conflict';
    ({ state, version, dueAtMs: dueAt } = now);
    const beside = decide(state);
    return (await store(beside, dueAfter(beside, sent, clock.nowMs()))) ? 'go on' : 'conflict';
  };

  /**
   * Whoever won the race may have looked before the segment came that this run was woken for: so the state is read again, and looked at
   * once more. A claim in it ends this run; its holder looks again itself.
   */
  const lookAgain = async (): Promise<Step> => {
    const now = await loadRecorded({ records, journal }, subscription, deps.roster);
    // A record that is gone was deleted: it is not brought back to life.
    if (now === 'deleted' || now.version < version) return 'conflict';
    begun = withCountsOf(begun, state, now.state);
    state = now.state;
    version = now.version;
    dueAt = now.dueAtMs;
    return 'go on';
  };

  let at: Step = 'go on';
  try {
    for (let looks = 1; at === 'go on' || typeof at === 'object'; ) {
      at = at === 'go on' ? await begin() : await send(at);
      if (at !== 'conflict' || looks === mostLooks) continue;
      looks += 1;
      at = await lookAgain();
    }
  } finally {
    // What was said and logged is out before a function may be frozen, however the run ended.
    await Promise.all([logged, operator.told()]);
  }
  if (at === 'caught up') await checkEnd({ records, journal }, state);

  const nowMs = clock.nowMs();
  const run = { batches, before: begun, after: state, oldestWaiting, startedAtMs, nowMs };
  const line = await deliverLine(journal, subscription, at, run);
  telemetry.deliverRun(line);
  return line;
};

/** Whether nobody has sent, claimed or closed anything since: somebody may have paused or resumed it, or asked for a replay. */
const isStillOurs = (now: SubscriptionState, before: SubscriptionState): boolean =>
  canonicalText(withoutHealth(now)) === canonicalText(withoutHealth(before));

const withoutHealth = ({ health: _, hold: __, lastChange: ___, replay: ____, ...rest }: SubscriptionState) => rest;

/** More to do and nobody else to say so: should this run die, the due index brings the subscription back. */
const dueAfter = (
  { health, hold, replay }: SubscriptionState,
  { extent }: Gathered,
  nowMs: number,
): number | undefined => {
  if (health.status === 'disabled' || hold) return undefined;
  const caughtUp = extent === 'all' && !replay && health.failures === 0 && health.deadLettersInARow === 0;
  return health.retryAtMs ?? (caughtUp ? undefined : nowMs + claimMs);
};

const sooner = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
