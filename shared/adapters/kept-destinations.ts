import { canonicalText, sha256Hex } from '../core/segment.ts';
import type { Subscription } from '../core/subscription.ts';
import type { Destination } from '../ports/destination.ts';
import { type DestinationDeps, openDestination } from './open-destination.ts';

/** Far more than are delivered to at the same time, so that a destination in use is never the one that was used longest ago. */
const mostKept = 500;

/**
 * Opens the destination of a subscription once, so that its connections stay open from batch to batch, and again if anything about the
 * subscription has changed: an address, a header, a secret. If too many are open, those used longest ago are closed.
 */
export const keptDestinations = (
  deps: DestinationDeps,
  { most = mostKept, open = openDestination }: { readonly most?: number; readonly open?: typeof openDestination } = {},
): ((subscription: Subscription) => Promise<Destination>) => {
  const kept = new Map<string, { readonly revision: string; readonly opened: Promise<Destination> }>();

  const forget = (id: string): void => {
    const known = kept.get(id);
    kept.delete(id);
    // A destination that could not be opened has nothing to close, and its caller got the error.
    known?.opened.then(
      (destination) => destination.close?.(),
      () => {},
    );
  };

  return (subscription) => {
    const { id } = subscription;
    // Only the hash stays in memory, because the subscription holds credentials.
    const revision = sha256Hex(canonicalText(subscription));
    const known = kept.get(id);
    if (known?.revision === revision) {
      kept.delete(id);
      kept.set(id, known);
      return known.opened;
    }
    forget(id);
    const opened = open(subscription, deps);
    kept.set(id, { revision, opened });
    opened.catch(() => kept.get(id)?.opened === opened && kept.delete(id));
    const [oldest] = kept.keys();
    if (kept.size > most && oldest !== undefined) forget(oldest);
    return opened;
  };
};
