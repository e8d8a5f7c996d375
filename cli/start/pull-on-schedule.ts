import { messageOf, OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { PullLine, Telemetry } from '../../shared/ports/telemetry.ts';

export interface ScheduleDeps {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly pull: () => Promise<PullLine>;
}

export interface ScheduleOptions {
  /** From the beginning of one pull to the beginning of the next. */
  readonly intervalMs: number;
  /** Ends the schedule; a pull at work is not interrupted by it. */
  readonly signal: AbortSignal;
}

const firstPauseMs = 5000;
const longestPauseMs = 5 * 60_000;

/**
 * Pulls on the interval until `signal` aborts. While the source or a store does not answer, it reports that and tries again, at first
 * sooner than the interval and then ever later. What a person must fix is reported at every interval, because it may be fixed while this
 * runs.
 * @throws OperatorMustFix when the very first pull fails so: the settings are probably wrong, and somebody is watching
 */
export const pullOnSchedule = async (
  { clock, telemetry, pull }: ScheduleDeps,
  options: ScheduleOptions,
): Promise<void> => {
  const { intervalMs, signal } = options;
  let failures = 0;
  let hasRun = false;

  /** @returns how long to wait until the next pull begins */
  const once = async (): Promise<number> => {
    const startedAtMs = clock.nowMs();
    try {
      const line = await pull();
      hasRun = true;
      failures = 0;
      return line.result === 'more' && line.kept > 0 ? 0 : Math.max(0, startedAtMs + intervalMs - clock.nowMs());
    } catch (error) {
      if (error instanceof OperatorMustFix) {
        if (!hasRun) throw error;
        telemetry.notice('error', messageOf(error), { retryInSeconds: Math.round(intervalMs / 1000) });
        return intervalMs;
      }
      if (!(error instanceof RetryLater)) throw error;
      hasRun = true;
      const pauseMs = Math.min(firstPauseMs * 2 ** failures, Math.max(intervalMs, longestPauseMs));
      failures += 1;
      telemetry.notice('warn', messageOf(error), { failures, retryInSeconds: Math.round(pauseMs / 1000) });
      return pauseMs;
    }
  };

  while (!signal.aborted) {
    const waitMs = await once();
    if (waitMs > 0) await clock.sleep(waitMs, signal);
  }
};
