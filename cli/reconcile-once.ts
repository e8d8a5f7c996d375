import type { Rung } from '../shared/core/reconcile.ts';
import { reconcileSource } from '../shared/flows/reconcile-source.ts';
import { wakeSubscriptions } from '../shared/flows/wake-subscriptions.ts';
import type { ReconcileLine } from '../shared/ports/telemetry.ts';
import type { Sluice } from './compose.ts';

export interface ReconcileOnceOptions {
  /** Absent: what is due, if anything. */
  readonly rung?: Rung;
  readonly signal?: AbortSignal;
  /** Less than 20 000: record what happened and come back. */
  readonly remainingMs?: () => number;
}

/**
 * One run of reconcile; when it brought something, everybody is woken who has something to do.
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
