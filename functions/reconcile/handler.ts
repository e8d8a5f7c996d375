import type { Context } from 'aws-lambda';
import type { ReadHit } from '../../shared/core/reading/read-hit.ts';
import { type ReconcileDeps, type ReconcileOptions, reconcileSource } from '../../shared/flows/reconcile-source.ts';
import { type HeadDeps, signHeadWhenDue } from '../../shared/flows/sign-head.ts';
import { type WakeDeps, wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import type { ReconcileLine } from '../../shared/ports/telemetry.ts';

export interface ReconcileFunction
  extends Omit<ReconcileDeps, 'read'>,
    WakeDeps,
    Omit<HeadDeps, 'roster'>,
    Pick<ReconcileOptions, 'horizonMs'> {
  /** By the tenants as they are when the run begins. */
  readonly reader: () => Promise<ReadHit>;
}

export interface ReconcileSummary extends ReconcileLine {
  /** Subscriptions that were told to look; 0 when nothing late was found. */
  readonly woken: number;
  /** The head that was signed, in the journal's store; absent when none was due. */
  readonly head?: string;
}

/**
 * One tick of the schedule: what is due is compared with the source; late events are journaled, and wake the subscriptions they concern.
 * Then a head is signed, once an hour, also when the source does not answer. The event says nothing that matters.
 * @throws RetryLater, OperatorMustFix what the comparison threw, or the signing; what was journaled until then is found by the next pull's
 *   wake-ups
 */
export const reconcileHandler =
  (ready: Promise<ReconcileFunction>) =>
  async (_tick: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<ReconcileSummary> => {
    const deps = await ready;
    const { horizonMs } = deps;
    const remainingMs = (): number => context.getRemainingTimeInMillis();
    const compare = async () => reconcileSource({ ...deps, read: await deps.reader() }, { horizonMs, remainingMs });
    const [compared] = await Promise.allSettled([compare()]);
    const [signed] = await Promise.allSettled([signHeadWhenDue(deps)]);
    if (compared.status === 'rejected') throw compared.reason;
    const woken = compared.value.recovered > 0 ? await wakeSubscriptions(deps) : 0;
    if (signed.status === 'rejected') throw signed.reason;
    return { ...compared.value, woken, ...(signed.value && { head: signed.value.name }) };
  };
