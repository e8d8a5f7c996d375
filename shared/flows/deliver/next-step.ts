import type { DeadLetter } from '../../core/dead-letter.ts';
import { endpointOf } from '../../core/endpoint.ts';
import { isOtherProven, type Pending } from '../../core/hold.ts';
import { watchPoller } from '../../core/poll.ts';
import { passedOver, type SubscriptionState, settingsOf } from '../../core/subscription-state.ts';
import { settled } from '../settled.ts';
import { challenge } from './challenge.ts';
import { bury } from './dead-letters.ts';
import { claimMs, type DeliveryRun, type Step } from './delivery-run.ts';
import { digestBringsBackAtMs, digestStep, isDigestDue } from './digests.ts';
import { fellBehind } from './fell-behind.ts';
import type { Gathered } from './gather-batch.ts';
import type { HeldState } from './held-state.ts';
import { claimOn, isRipe, planBatch, ripeAtMs } from './plan-batch.ts';
import { takeReplayStep } from './take-replay-step.ts';

/** What the state of the subscription asks for now: whatever comes before the next batch, or the claim on that batch. */
export const nextStep = async (run: DeliveryRun): Promise<Step> => {
  const { deps, subscription, held } = run;
  const { journal, records, clock, destination } = deps;
  const { state } = held;
  const nowMs = clock.nowMs();
  if (state.deadLetter) return writeLetter(run, state.deadLetter);
  if (run.isStopping()) return 'out of time';
  if (state.health.status === 'disabled') return 'disabled';
  if (state.hold?.kind === 'paused') return rest(held);
  const replayed = await takeReplayStep(records, subscription.id, state);
  if (replayed) return storedThen('go on', held, replayed, nowMs + claimMs);
  if (subscription.destination.type === 'poll') return watch(run);
  const waits = (state.health.retryAtMs ?? 0) > nowMs;
  if (waits && state.health.failures > 0) return state.hold ? 'pending' : 'waiting';
  if (state.hold) return prove(run, state.hold);
  // The URL was changed since this run read it, or by a call that died: resuming the subscription sends a challenge.
  if (isOtherProven(state, subscription)) return 'conflict';
  if (state.claim && state.claim.until > nowMs) return 'claimed by another';
  if (isDigestDue(destination, state, nowMs)) return attest(run);
  if (waits) return 'waiting';
  if (state.settings !== undefined && state.settings !== settingsOf(subscription)) return compareSettings(run);
  const planned = await settled(planBatch(deps, subscription, state));
  if (!planned.ok) throw await fellBehind(journal, subscription.id, state, planned.error);
  const gathered = planned.value;
  run.seen.oldestWaiting = gathered.oldestCommittedAt;
  if (gathered.lines.length === 0) return passOver(run, gathered);
  if (!isRipe(subscription, gathered, clock.nowMs())) {
    const retryAtMs = ripeAtMs(subscription, gathered);
    return storedThen('waiting', held, { ...state, health: { ...state.health, retryAtMs } }, retryAtMs);
  }
  const claim = claimOn(subscription, state, gathered, clock.nowMs());
  return storedThen({ claim, gathered }, held, { ...state, claim }, claim.until);
};

const storedThen = async (
  step: Step,
  held: HeldState,
  next: SubscriptionState,
  dueAtMs: number | undefined,
): Promise<Step> => ((await held.store(next, dueAtMs)) ? step : 'conflict');

/** The letter first, then the state without it: a crash in between writes the same letter again. */
const writeLetter = async ({ deps, subscription, held }: DeliveryRun, letter: DeadLetter): Promise<Step> => {
  await bury(deps.records, subscription.id, letter);
  const { deadLetter: _, ...written } = held.state;
  return storedThen('go on', held, written, held.dueAtMs);
};

/**
 * The state names other settings than this run has. Either the subscription was changed since the run read it: nothing is sent any more, and the
 * due index brings it back at once. Or who changed it died before the state was told: then these are the newest, and the state names them.
 */
const compareSettings = async ({ deps, subscription, held }: DeliveryRun): Promise<Step> => {
  const newest = (await deps.roster?.get(subscription.id)) ?? subscription;
  const settings = settingsOf(subscription);
  const nowMs = deps.clock.nowMs();
  if (settingsOf(newest) !== settings) return storedThen('changed', held, held.state, nowMs);
  return storedThen('go on', held, { ...held.state, settings }, nowMs + claimMs);
};

/** A paused subscription is brought back by whoever resumes it: the due index forgets it. */
const rest = async (held: HeldState): Promise<Step> =>
  held.dueAtMs === undefined ? 'paused' : storedThen('paused', held, held.state, undefined);

/** The endpoint is asked to show that it is the customer's. Where there is none to ask, nothing is pending. */
const prove = async (
  { deps, subscription, held, operator, signal, log }: DeliveryRun,
  pending: Pending,
): Promise<Step> => {
  const { clock, destination } = deps;
  const { probe } = destination;
  const { state } = held;
  const soon = clock.nowMs() + claimMs;
  if (!probe || subscription.destination.type !== 'webhook') {
    const { hold: _, ...free } = state;
    return storedThen('go on', held, free, soon);
  }
  // The URL was changed since this run read it: what it would answer proves nothing.
  if (pending.endpoint !== undefined && pending.endpoint !== endpointOf(subscription.destination.url))
    return 'conflict';
  const asking = { ...deps, destination: { probe }, ...(signal && { signal }) };
  const { decision, tried } = await challenge(asking, subscription, state, pending);
  await log(tried);
  operator.tell(decision.tell);
  const { hold, health } = decision.state;
  return storedThen('go on', held, decision.state, hold ? health.retryAtMs : soon);
};

/** Nothing is sent to a subscription that polls; if nobody polls, the operator is told. */
const watch = async (run: DeliveryRun): Promise<Step> => {
  const { deps, subscription, held, operator } = run;
  const { state } = held;
  const gathered = state.health.unfetchedSinceMs ?? (await planBatch(deps, subscription, state));
  if (typeof gathered === 'object' && gathered.lines.length === 0) return passOver(run, gathered);
  const watched = watchPoller(state, { nowMs: deps.clock.nowMs(), waits: true });
  if (watched.tell) operator.tell({ kind: 'subscription failing', text: watched.tell, to: 'person' });
  if (watched.dueAtMs === held.dueAtMs) return 'waiting';
  return storedThen('waiting', held, watched.state, watched.dueAtMs);
};

const attest = async ({ deps, subscription, held, operator, log }: DeliveryRun): Promise<Step> => {
  const { clock, destination, random } = deps;
  const { decision, tried } = await digestStep(destination, subscription, held.state, { nowMs: clock.nowMs, random });
  if (tried) await log(tried);
  operator.tell(decision.tell);
  const { retryAtMs = clock.nowMs() + claimMs } = decision.state.health;
  return storedThen('go on', held, decision.state, retryAtMs);
};

/** Nothing of what lies before `end` is wanted. */
const passOver = async ({ deps, held }: DeliveryRun, { end, filtered }: Gathered): Promise<Step> => {
  const { state, version, dueAtMs } = held;
  const moved = end.segment !== state.cursor.segment || end.index !== state.cursor.index;
  // A subscription seen for the first time is recorded even so: where it begins must not move on with the journal.
  if (!moved && version > 0 && dueAtMs === digestBringsBackAtMs(deps.destination, state)) return 'caught up';
  const passed = passedOver(state, end, filtered);
  return state.replay
    ? storedThen('go on', held, passed, deps.clock.nowMs() + claimMs)
    : storedThen('caught up', held, passed, undefined);
};
