import { afterOutcome } from '../../core/after-outcome.ts';
import { isBefore, replayStep } from '../../core/replay.ts';
import { canonicalText } from '../../core/segment.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { settled } from '../settled.ts';
import { letterOf } from './dead-letters.ts';
import { type Claimed, claimMs, type DeliveryRun, type Step } from './delivery-run.ts';
import { isDigestDue } from './digests.ts';
import type { Gathered } from './gather-batch.ts';
import { loadState } from './load-state.ts';
import { batchOf, claimOn, gatherFrom, isRipe } from './plan-batch.ts';
import { attemptLine, triedOf } from './report.ts';

/** Sends a claimed batch once, and records what became of it. */
export const sendBatch = async (run: DeliveryRun, claimed: Claimed): Promise<Step> => {
  const { deps, subscription, held, operator, signal, log, seen } = run;
  const { records, clock, destination, telemetry, random } = deps;
  const { claim, gathered } = claimed;
  const { state } = held;
  const batch = batchOf(subscription, state, claim, gathered);
  const number = state.health.failures + 1;
  // What comes next is gathered while this is under way; a narrowed batch is followed by one of another size.
  const more = gathered.extent === 'full' && state.narrowedTo === undefined;
  const ahead = more ? settled(gatherFrom(deps, subscription, state, claim.end)) : undefined;
  const sentAtMs = clock.nowMs();
  const outcome = await destination.send(batch, { number, ...(signal && { signal }) });
  const nowMs = clock.nowMs();
  const tried = triedOf(batch, { number, outcome, startedAtMs: sentAtMs, endedAtMs: nowMs });
  telemetry.attempt(attemptLine(destination, batch, tried));
  await log(tried);
  const attempted = { claim, events: tried.events, filtered: gathered.filtered, outcome, nowMs, random: random() };
  const { deadLetter, tell } = afterOutcome(held.state, attempted);
  operator.tell(tell);
  const at = gathered.lastAt ?? state.cursor;
  const letter = deadLetter ? await letterOf(records, batch, { answer: outcome.answer, nowMs, state, at }) : undefined;
  const decide = (of: SubscriptionState): SubscriptionState => {
    const after = afterOutcome(of, attempted).state;
    return letter ? { ...after, deadLetter: letter } : after;
  };
  if (outcome.kind === 'delivered') seen.batches += 1;
  // Where the journal cannot be read on, what was delivered is recorded all the same: the next step meets the trouble and says it.
  const next = outcome.kind === 'delivered' ? await ahead : undefined;
  return record(run, gathered, decide, next?.ok ? next.value : undefined);
};

/** Stores what the batch came to and, in the same write, the claim on the batch that follows. */
const record = async (
  { deps, subscription, held, isStopping }: DeliveryRun,
  sent: Gathered,
  decide: (of: SubscriptionState) => SubscriptionState,
  next: Gathered | undefined,
): Promise<Step> => {
  const { clock, destination } = deps;
  const { state } = held;
  const after = decide(state);
  const nowMs = clock.nowMs();
  const goesOn = !isStopping() && !isDigestDue(destination, after, nowMs) && !replayStep(after);
  if (goesOn && next && next.lines.length > 0 && isRipe(subscription, next, nowMs)) {
    const claim = claimOn(subscription, after, next, nowMs);
    if (await held.store({ ...after, claim }, claim.until)) return { claim, gathered: next };
  } else if (await held.store(after, dueAfter(after, sent, nowMs))) return 'go on';
  // Paused, resumed or changed while it was on its way: what it came to is recorded beside that, or it would go out again.
  const now = await loadState(deps, subscription);
  if (!isStillOurs(now.state, state)) return 'conflict';
  held.adopt(now);
  const beside = decide(held.state);
  return (await held.store(beside, dueAfter(beside, sent, clock.nowMs()))) ? 'go on' : 'conflict';
};

/** Whether nobody has sent, claimed or closed anything since: somebody may have paused, resumed or changed it, or asked for a replay. */
const isStillOurs = (now: SubscriptionState, before: SubscriptionState): boolean =>
  canonicalText(withoutHealth(now)) === canonicalText(withoutHealth(before));

const withoutHealth = ({
  health: _,
  hold: __,
  lastChange: ___,
  replay: ____,
  settings: _____,
  ...rest
}: SubscriptionState) => rest;

/** If there is more to do and this run dies, the due index brings the subscription back: nobody else would. */
const dueAfter = (
  { cursor, deadLetter, health, hold, replay }: SubscriptionState,
  { end, extent }: Gathered,
  nowMs: number,
): number | undefined => {
  if (deadLetter) return nowMs + claimMs;
  if (health.status === 'disabled' || hold) return undefined;
  // A batch that is to be halved has moved nothing: all of it is still to be sent.
  const isDone = extent === 'all' && !isBefore(cursor, end);
  const caughtUp = isDone && !replay && health.failures === 0 && health.deadLettersInARow === 0;
  return health.retryAtMs ?? (caughtUp ? undefined : nowMs + claimMs);
};
