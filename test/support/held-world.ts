/** A world with one subscription whose state was recorded when it was made, with a hold or without. */
import {
  freshState,
  type Hold,
  type SubscriptionState,
  subscriptionPartition,
} from '../../shared/core/subscription-state.ts';
import { aSubscription, aWorld, hitsFrom } from './world.ts';

export const seven = hitsFrom('2026-03-01T09:00:00.000Z', 7);
export const soc = aSubscription({ batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 } });

export const aHeldWorld = async (hold?: Hold) => {
  const world = aWorld({ hits: seven });
  const { records, clock } = world;
  await world.pull();
  const stored = async () => {
    const record = await records.get(subscriptionPartition, soc.id);
    if (!record) throw new Error('the subscription has a state');
    return record;
  };
  const state = async () => (await stored()).value as SubscriptionState;
  const write = async (value: SubscriptionState, version: number, dueAtMs?: number): Promise<void> => {
    const record = { partition: subscriptionPartition, id: soc.id, value, ...(dueAtMs !== undefined && { dueAtMs }) };
    const answer = await records.compareAndSet(record, version);
    if (answer !== 'stored') throw new Error('nobody else writes it meanwhile');
  };
  await write({ ...freshState({ segment: 1, index: 0 }), ...(hold && { hold }) }, 0, clock.nowMs());
  return {
    ...world,
    state,
    dueAtMs: async () => (await stored()).dueAtMs,
    /** As a management call does it: nothing but the hold is touched, and nothing is due. */
    hold: async (next: Hold) => write({ ...(await state()), hold: next }, (await stored()).version),
    free: async () => {
      const { hold: _, ...rest } = await state();
      await write(rest, (await stored()).version, clock.nowMs());
    },
    remove: async () => {
      await records.remove(subscriptionPartition, soc.id, (await stored()).version);
    },
    due: () => records.due(subscriptionPartition, clock.nowMs(), 10),
  };
};
