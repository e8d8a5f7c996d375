/** A world whose subscription writes an object per event into a bucket in memory. */
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type SubscriptionState, subscriptionPartition } from '../../shared/core/subscription-state.ts';
import type { Destination } from '../../shared/ports/destination.ts';
import { type MemoryBlobStore, memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { checkDigests } from './check-digests.ts';
import { aHit, aSubscription, aWorld } from './world.ts';

export const hourMs = 3_600_000;
export const one = { maxEvents: 1, maxBytes: 1_000_000, maxDelaySeconds: 0 };
export const acme = aSubscription({ id: 'acme-files', batch: one, destination: { type: 'folder', path: '/acme' } });

export const aFilingWorld = (subscription: Subscription = acme) => {
  const world = aWorld();
  const bucket = memoryBlobStore();
  const secrets = memorySecrets({ rootKey: 'r'.repeat(32) });
  const signingKeys = async () => signingKeysOf(await secrets.get('rootKey'));
  const into = (store: MemoryBlobStore) => blobDestination({ store, subscription, signingKeys });
  let written = 0;
  return {
    ...world,
    bucket,
    secrets,
    into,
    journalEvents: async (count: number) => {
      for (let n = 0; n < count; n += 1) {
        written += 1;
        world.source.add(aHit(`e${written}`, new Date(world.clock.nowMs() - 1000).toISOString()));
      }
      await world.pull();
    },
    deliver: (destination: Destination = into(bucket)) => world.deliver(subscription, destination),
    /** After the subscription was changed. */
    deliverAs: (changed: Subscription) => world.deliver(changed, into(bucket)),
    state: async () =>
      (await world.records.get(subscriptionPartition, subscription.id))?.value as SubscriptionState | undefined,
    due: () => world.records.due(subscriptionPartition, world.clock.nowMs(), 10),
    checked: async () => checkDigests(bucket, (await signingKeys()).keySet),
  };
};
