import { messageOf, SluiceError } from '../../shared/core/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { ReconcileLine, Telemetry } from '../../shared/ports/telemetry.ts';

/** How often to check whether a comparison is due. If none is due, the check reads a record or two. */
export const lookEveryMs = 5 * 60_000;

/**
 * Runs the comparison with the source that is due, at most every 5 min. Call it between pulls, so that pull and reconcile never wait for
 * each other's append. An error is reported and does not stop the pull; the next call tries again.
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
