import type { DestinationSettings, Subscription } from '../../shared/core/subscription.ts';

/** A subscription to everything of `acme`, from the beginning. */
export const aSubscription = <D extends DestinationSettings>(
  destination: D,
): Subscription & { readonly destination: D } => ({
  id: 'acme-soc',
  tenant: 'acme',
  format: 'ecs',
  batch: { maxEvents: 500, maxBytes: 1_000_000, maxDelaySeconds: 0 },
  start: 'beginning',
  destination,
});
