import { describe, expect, it } from 'vitest';
import { subscriptionPartition } from '../../../shared/core/subscription-state.ts';
import { deliverSubscription } from '../../../shared/flows/deliver-subscription.ts';
import type { RecordStore } from '../../../shared/ports/record-store.ts';
import { memoryDestination } from '../../fakes/memory-destination.ts';
import { aSubscription, aWorld, hitsFrom, idsOf } from '../../support/world.ts';

const early = hitsFrom('2026-03-01T10:00:00Z', 3);
const late = hitsFrom('2026-03-01T11:58:00Z', 2);

describe('a run that loses a race', () => {
  it('looks again: who won may have looked before the segment came that this one was woken for', async () => {
    const world = aWorld({ hits: early });
    const subscription = aSubscription();
    const destination = memoryDestination();
    await world.pull();

    let raced = false;
    /** Just before this run's first write somebody else brings what there was, and then a segment comes. */
    const records: RecordStore = {
      ...world.records,
      compareAndSet: async (record, expected) => {
        if (!raced && record.partition === subscriptionPartition) {
          raced = true;
          await world.deliver(subscription, destination);
          for (const hit of late) world.source.add(hit);
          await world.pull();
        }
        return world.records.compareAndSet(record, expected);
      },
    };
    const line = await deliverSubscription(
      { ...world, journal: world.journal(), records, destination, alerts: { tell: async () => {} } },
      subscription,
      { remainingMs: () => Number.POSITIVE_INFINITY },
    );
    const received = destination.lines().map((text) => JSON.parse(text).event.id);
    expect(received).toEqual(idsOf([...early, ...late]));
    expect(line).toMatchObject({ result: 'caught up', delivered: late.length });
  });
});
