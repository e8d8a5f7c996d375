import { pullSource } from '../shared/flows/pull-source.ts';
import { registerSubscriptions } from '../shared/flows/register-subscriptions.ts';
import { wakeSubscriptions } from '../shared/flows/wake-subscriptions.ts';
import type { PullLine } from '../shared/ports/telemetry.ts';
import type { Sluice } from './compose.ts';

export interface ReadSoFar {
  readonly read: number;
  /** Events in the view that is being walked. */
  readonly count: number;
}

export interface PullOnceOptions {
  readonly signal?: AbortSignal;
  /** Below 20 000 the run records what it did and returns. */
  readonly remainingMs?: () => number;
  readonly progress?: (so: ReadSoFar) => void;
}

/**
 * One run of the pull. New subscriptions are registered before it; subscriptions that have something to do are woken after it.
 * @throws RetryLater, OperatorMustFix as `pullSource` does
 */
export const pullOnce = async (sluice: Sluice, options: PullOnceOptions = {}): Promise<PullLine> => {
  const { config, roster } = sluice;
  await registerSubscriptions(sluice, roster.fromFile);
  const line = await pullSource(
    { ...sluice, read: await sluice.reader(), ...(options.progress && { progress: options.progress }) },
    {
      start: config.start,
      overlapMs: config.overlapSeconds * 1000,
      remainingMs: options.remainingMs ?? (() => Number.POSITIVE_INFINITY),
      ...(options.signal && { signal: options.signal }),
    },
  );
  await wakeSubscriptions(sluice);
  return line;
};
