/** A world with one subscription that is polled, known to Sluice from the beginning of the journal on. */
import type { Subscription } from '../../shared/core/subscription.ts';
import { freshState, type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import type { Journal } from '../../shared/flows/journal/open-journal.ts';
import type { PolledBatch } from '../../shared/flows/poll/polled-batch.ts';
import { type Polled, type PollOptions, pollBatch } from '../../shared/flows/poll-subscription.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aSubscription, aWorld, type WorldOptions } from './world.ts';

export const inTwos: Subscription = aSubscription({
  batch: { maxEvents: 2, maxBytes: 1_000_000, maxDelaySeconds: 0 },
  destination: { type: 'poll' },
});

export const aPolledWorld = async (options: WorldOptions = {}, subscription = inTwos) => {
  const world = aWorld(options);
  const { records, clock, telemetry } = world;
  const secrets = memorySecrets({ rootKey: 'the root key of the tests, forty-four letters' });
  const { id } = subscription;
  await records.compareAndSet({ partition: subscriptionPartition, id, value: freshState({ segment: 1, index: 0 }) }, 0);
  await world.pull();
  return {
    ...world,
    secrets,
    state: async () => (await records.get(subscriptionPartition, id))?.value as SubscriptionState,
    poll: (
      asked: PollOptions & {
        readonly as?: Subscription;
        readonly from?: Partial<Journal>;
        readonly sleep?: () => Promise<void>;
      } = {},
    ) =>
      pollBatch(
        {
          journal: { ...world.journal(), ...asked.from },
          records,
          clock: { ...clock, ...(asked.sleep && { sleep: asked.sleep }) },
          secrets,
          telemetry,
        },
        asked.as ?? subscription,
        asked,
      ),
  };
};

export const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');

/** `event.id` of what a body holds, in its order. */
export const idsIn = (body: Uint8Array): readonly string[] =>
  (JSON.parse(textOf(body)) as { data: { events: { event: { id: string } }[] } }).data.events.map(
    ({ event }) => event.id,
  );

/** @throws Error when it is none */
export const batchIn = (polled: Polled): PolledBatch => {
  if (polled.kind !== 'batch') throw new Error(`no batch but: ${polled.kind}`);
  return polled.batch;
};

/** Polls and acknowledges until nothing comes. */
export const drained = async (world: Awaited<ReturnType<typeof aPolledWorld>>): Promise<readonly PolledBatch[]> => {
  const batches: PolledBatch[] = [];
  for (let polled = await world.poll(); polled.kind === 'batch'; ) {
    batches.push(polled.batch);
    polled = await world.poll({ acknowledge: polled.batch.id });
  }
  return batches;
};
