import type { Context } from 'aws-lambda';
import type { Subscription } from '../../shared/core/subscription.ts';
import { type ReconcileDeps, type ReconcileOptions, reconcileSource } from '../../shared/flows/reconcile-source.ts';
import { type WakeDeps, wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import type { ReconcileLine } from '../../shared/ports/telemetry.ts';

export interface ReconcileFunction extends ReconcileDeps, WakeDeps, Pick<ReconcileOptions, 'horizonMs'> {
  readonly subscriptions: readonly Subscription[];
}

export interface ReconcileSummary extends ReconcileLine {
  /** Subscriptions that were told to look; 0 when nothing late was found. */
  readonly woken: number;
}

/**
 * One tick of the schedule: what is due is compared with the source; late events are journaled, and wake the subscriptions they concern. The
 * event says nothing that matters.
 * @throws RetryLater, OperatorMustFix what the comparison threw; what it had journaled until then is found by the next pull's wake-ups
 */
export const reconcileHandler =
  (ready: Promise<ReconcileFunction>) =>
  async (_tick: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<ReconcileSummary> => {
    const deps = await ready;
    const { horizonMs, subscriptions } = deps;
    const line = await reconcileSource(deps, { horizonMs, remainingMs: () => context.getRemainingTimeInMillis() });
    return { ...line, woken: line.recovered > 0 ? await wakeSubscriptions(deps, subscriptions) : 0 };
  };
