import { messageOf, SluiceError } from '../shared/core/errors.ts';
import type { Subscription } from '../shared/core/subscription.ts';
import { deliverSubscription } from '../shared/flows/deliver-subscription.ts';
import type { DeliverLine } from '../shared/ports/telemetry.ts';
import type { Sluice } from './compose.ts';

/** How many subscriptions are delivered to at the same time: while one waits for its receiver, the others go on. */
export const deliverersAtOnce = 8;

export interface DeliverOptions {
  readonly signal?: AbortSignal;
  readonly remainingMs?: () => number;
}

/**
 * Brings one subscription as far as the journal goes.
 * @throws RetryLater, OperatorMustFix when state or journal cannot be read
 */
export const deliverTo = async (
  sluice: Sluice,
  subscription: Subscription,
  options: DeliverOptions = {},
): Promise<DeliverLine> =>
  deliverSubscription({ ...sluice, destination: await sluice.destinationOf(subscription) }, subscription, {
    remainingMs: options.remainingMs ?? (() => Number.POSITIVE_INFINITY),
    ...(options.signal && { signal: options.signal }),
  });

export interface Delivered {
  /** One for each subscription that was delivered to, in the order of the given ids. */
  readonly lines: readonly DeliverLine[];
  /** One sentence for each subscription whose state or journal could not be read; the other subscriptions went on. */
  readonly problems: readonly string[];
}

/** Brings each of these subscriptions as far as the journal goes, `deliverersAtOnce` at a time; if one fails, the others go on. */
export const deliverAll = async (
  sluice: Sluice,
  ids: readonly string[],
  options: DeliverOptions = {},
): Promise<Delivered> => {
  const lines = new Map<string, DeliverLine>();
  const problems: string[] = [];
  const waiting = [...ids];
  const deliverer = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        const subscription = await sluice.roster.get(next);
        if (subscription) lines.set(next, await deliverTo(sluice, subscription, options));
      } catch (error) {
        if (!(error instanceof SluiceError)) throw error;
        problems.push(`${next}: ${messageOf(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: deliverersAtOnce }, deliverer));
  return { lines: ids.flatMap((id) => lines.get(id) ?? []), problems };
};
