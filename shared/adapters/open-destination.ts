import type { TargetRules } from '../core/address/target.ts';
import { signingKeysOf } from '../core/signing-key.ts';
import type { Subscription } from '../core/subscription.ts';
import type { Clock } from '../ports/clock.ts';
import type { Destination } from '../ports/destination.ts';
import type { Secrets } from '../ports/secrets.ts';
import { blobDestination } from './blob-destination.ts';
import { folderBlobStore } from './folder-blob-store.ts';
import { pollDestination } from './poll-destination.ts';
import { webhookDestination } from './webhook-destination.ts';

/** With where deliveries may go: `targetRules(config)`. */
export interface DestinationDeps extends TargetRules {
  readonly secrets: Secrets;
  readonly clock: Clock;
}

/**
 * The destination that a subscription names, with connections of its own: one slow receiver takes nothing from another.
 * Nothing is touched until a batch is sent. The AWS SDK is loaded only for `s3`.
 */
export const openDestination = async (subscription: Subscription, deps: DestinationDeps): Promise<Destination> => {
  const { destination } = subscription;
  const signingKeys = async () => signingKeysOf(await deps.secrets.get('rootKey'));
  switch (destination.type) {
    case 'webhook':
      return webhookDestination({ subscription: { ...subscription, destination }, ...deps });
    case 'folder':
      return blobDestination({ store: folderBlobStore({ root: destination.path }), subscription, signingKeys });
    case 's3': {
      const { customerBucket } = await import('./customer-bucket.ts');
      return blobDestination({ store: customerBucket(destination), subscription, signingKeys });
    }
    case 'poll':
      return pollDestination();
    default:
      return destination satisfies never;
  }
};
