import type { Rung } from '../shared/core/reconcile.ts';
import { reconcileSource } from '../shared/flows/reconcile-source.ts';
import { wakeSubscriptions } from '../shared/flows/wake-subscriptions.ts';
import type { ReconcileLine } from '../shared/ports/telemetry.ts';
import type { Sluice } from './compose.ts';

export interface ReconcileOnceOptions {
  /** Absent: the rung that is due, if any. */
  readonly rung?: Rung;
  readonly signal?: AbortSignal;
  /** Below 20 000 the run records what it did and returns. */
  readonly remainingMs?: () => number;
}

/**
 * One run of reconcile. If it appended events, subscriptions that have something to do are woken.
 * @throws RetryLater, OperatorMustFix as `reconcileSource` does
 */
export const reconcileOnce = async (sluice: Sluice, options: ReconcileOnceOptions = {}): Promise<ReconcileLine> => {
  const { rung, signal } = options;
  const line = await reconcileSource(
    { ...sluice, read: await sluice.reader() },
    {
      horizonMs: sluice.config.horizonHours * 3_600_000,
      remainingMs: options.remainingMs ?? (() => Number.POSITIVE_INFINITY),
      ...(rung && { rung }),
      ...(signal && { signal }),
    },
  );
  if (line.recovered > 0) await wakeSubscriptions(sluice);
  return line;
};
