import { handedOut, pollLimits, watchPoller } from '../../core/poll.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { SubscriptionState } from '../../core/subscription-state.ts';
import { passedOver } from '../../core/subscription-state.ts';
import { fellBehind } from '../deliver/fell-behind.ts';
import { storeState } from '../deliver/load-state.ts';
import { batchOf, idOf, planBatch, ripeAtMs } from '../deliver/plan-batch.ts';
import { takeReplayStep } from '../deliver/take-replay-step.ts';
import type { PollDeps, Polled } from '../poll-subscription.ts';
import { settled } from '../settled.ts';
import { polledBatch } from './polled-batch.ts';

export interface Standing {
  /** As it is stored. */
  readonly before: SubscriptionState;
  /** With what was acknowledged; the same value when nothing was. */
  readonly state: SubscriptionState;
  readonly version: number;
}

/**
 * The batch that follows `state`, its claim stored together with what was acknowledged; the one that is handed out already is given again
 * without a write. A replay that begins or ends here does so in the same write.
 */
export const handOut = async (
  deps: PollDeps,
  subscription: Subscription,
  { before, state, version }: Standing,
): Promise<Polled | 'conflict'> => {
  const { records, journal, clock } = deps;
  const nowMs = clock.nowMs();
  const store = (next: SubscriptionState, waits: boolean): Promise<'stored' | 'conflict'> => {
    const watched = watchPoller(next, { nowMs, waits });
    return storeState(records, subscription.id, next, version, watched.dueAtMs);
  };
  const stored = async (next: SubscriptionState, waits: boolean, polled: Polled): Promise<Polled | 'conflict'> =>
    next !== before && (await store(next, waits)) === 'conflict' ? 'conflict' : polled;

  if (state.hold) {
    const reason = state.hold.kind === 'paused' ? state.hold.reason : undefined;
    return stored(state, false, { kind: 'paused', ...(reason !== undefined && { reason }) });
  }
  const replayed = await takeReplayStep(records, subscription.id, state);
  if (replayed) return handOut(deps, subscription, { before, state: replayed, version });
  const planned = await settled(planBatch({ journal, destination: { limits: pollLimits } }, subscription, state));
  // What was acknowledged is recorded although the journal cannot be read on: the next request meets the trouble again and says it.
  if (!planned.ok && state !== before && (await store(state, true)) === 'conflict') return 'conflict';
  if (!planned.ok) throw await fellBehind(journal, subscription.id, state, planned.error);
  const gathered = planned.value;
  if (gathered.lines.length === 0) {
    const passed = passedOver(state, gathered.end, gathered.filtered);
    if (state.replay) return handOut(deps, subscription, { before, state: passed, version });
    return stored(passed, false, { kind: 'nothing' });
  }
  if (gathered.extent !== 'full' && ripeAtMs(subscription, gathered) > nowMs)
    return stored(state, true, { kind: 'nothing' });

  const id = idOf(subscription, state, gathered);
  const { end } = gathered;
  const batch = await polledBatch(
    deps,
    subscription,
    batchOf(subscription, state, { id, end, until: nowMs }, gathered),
  );
  const polled = { kind: 'batch', batch } as const;
  if (state.claim?.id === id && state.claim.handed?.sha256 === batch.sha256) return stored(state, true, polled);
  const { sha256, body, events } = batch;
  const handed = { sha256, bytes: body.length, events, filtered: gathered.filtered, atMs: nowMs };
  return stored(handedOut(state, { id, end, handed }, nowMs), true, polled);
};
