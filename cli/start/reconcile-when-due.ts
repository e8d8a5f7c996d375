import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ReconcileLine, Telemetry } from '../../shared/ports/telemetry.ts';

/** How often is looked whether a comparison is due; what is not due costs reading a record or two. */
export const lookEveryMs = 5 * 60_000;

/**
 * Compares with the source what is due, at most every 5 min; to be called between pulls, so that the two never wait for each other's append.
 * Trouble is said and does not stop the pull: it asks the same source, and the next call looks again.
 */
export const reconcileWhenDue = ({
  clock,
  telemetry,
  reconcile,
}: {
  readonly clock: Clock;
  readonly telemetry: Pick<Telemetry, 'notice'>;
  readonly reconcile: () => Promise<ReconcileLine>;
}): (() => Promise<void>) => {
  let nextAtMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const nowMs = clock.nowMs();
    if (nowMs < nextAtMs) return;
    try {
      const { result } = await reconcile();
      nextAtMs = result === 'more' ? nowMs : nowMs + lookEveryMs;
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error;
      nextAtMs = nowMs + lookEveryMs;
      telemetry.notice(error.actor === 'next-run' ? 'warn' : 'error', messageOf(error), {
        retryInSeconds: lookEveryMs / 1000,
      });
    }
  };
};
