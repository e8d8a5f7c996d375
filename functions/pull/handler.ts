import type { Context } from 'aws-lambda';
import type { ReadHit } from '../../shared/core/reading/read-hit.ts';
import { type PullDeps, type PullOptions, pullSource } from '../../shared/flows/pull-source.ts';
import { registerSubscriptions } from '../../shared/flows/register-subscriptions.ts';
import { type WakeDeps, wakeSubscriptions } from '../../shared/flows/wake-subscriptions.ts';
import type { PullLine } from '../../shared/ports/telemetry.ts';

export interface PullFunction extends Omit<PullDeps, 'read'>, WakeDeps, Pick<PullOptions, 'start' | 'overlapMs'> {
  /** By the tenants as they are when the run begins. */
  readonly reader: () => Promise<ReadHit>;
}

export interface PullSummary extends PullLine {
  /** Subscriptions that were told to look. With the queue `inline:` nobody listens here; the deliver function looks at all by itself. */
  readonly woken: number;
}

/**
 * One tick of the schedule: new events into the journal, then a wake-up for every subscription that has something to do.
 * The event says nothing that matters.
 * @throws RetryLater, OperatorMustFix what the pull threw, after the wake-ups: retries of deliveries are due whether or not the source answers
 */
export const pullHandler =
  (ready: Promise<PullFunction>) =>
  async (_tick: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<PullSummary> => {
    const deps = await ready;
    const { start, overlapMs, roster } = deps;
    const remainingMs = (): number => context.getRemainingTimeInMillis();
    await registerSubscriptions(deps, roster.fromFile);
    const pull = async () => pullSource({ ...deps, read: await deps.reader() }, { start, overlapMs, remainingMs });
    const [pulled] = await Promise.allSettled([pull()]);
    const [woken] = await Promise.allSettled([wakeSubscriptions(deps)]);
    if (pulled.status === 'rejected') throw pulled.reason;
    if (woken.status === 'rejected') throw woken.reason;
    return { ...pulled.value, woken: woken.value };
  };
