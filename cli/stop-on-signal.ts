import type { Clock } from '../shared/ports/clock.ts';
import type { Terminal } from './terminal.ts';

export interface Stopping {
  /** Aborts when a stop was asked for: begin nothing new. */
  readonly asked: AbortSignal;
  /** For flows: `remainingMs` drops to 0 when asked, so that they record what they did; 8 s later `signal` cuts what still waits. */
  readonly limits: { readonly remainingMs: () => number; readonly signal: AbortSignal };
  /** Stops as a signal would. */
  readonly stop: () => void;
  /** Call it when everything has come to rest: the deadline no longer applies. */
  readonly over: () => void;
}

/** Ctrl-C reaches this process twice when npm or the launcher passes it on as well. */
const samePressMs = 1000;
const patienceMs = 8000;
const deadlineMs = 10_000;

/**
 * After the first Ctrl-C work has 8 s to finish, is then aborted, and the process ends after 10 s at the latest; a second Ctrl-C ends it at
 * once. Both are safe: a checkpoint or cursor moves only after what it stands for is done.
 * @param exitCode of a process that is ended this way: 1 for a command that would otherwise end by itself
 */
export const stopOnSignal = (
  terminal: Pick<Terminal, 'say' | 'onStop' | 'exitNow'>,
  clock: Clock,
  exitCode: 0 | 1,
): Stopping => {
  const asked = new AbortController();
  const cut = new AbortController();
  const over = new AbortController();
  let askedAtMs = 0;

  const runDown = async (): Promise<void> => {
    await clock.sleep(patienceMs, over.signal);
    if (over.signal.aborted) return;
    cut.abort();
    await clock.sleep(deadlineMs - patienceMs, over.signal);
    if (over.signal.aborted) return;
    terminal.say('Stopped. What was not finished in 10 s is done by the next run; nothing is lost.');
    terminal.exitNow(exitCode);
  };
  const stop = (): void => {
    if (asked.signal.aborted) return;
    askedAtMs = clock.nowMs();
    asked.abort();
    void runDown();
  };
  const stopListening = terminal.onStop(() => {
    if (!asked.signal.aborted) {
      terminal.say('Stopping: finishing what is under way, at most 10 s. Ctrl-C again stops at once.');
      stop();
    } else if (clock.nowMs() - askedAtMs > samePressMs) {
      terminal.say('Stopped at once. What was under way is done again by the next run; nothing is lost.');
      terminal.exitNow(exitCode);
    }
  });

  return {
    asked: asked.signal,
    limits: { remainingMs: () => (asked.signal.aborted ? 0 : Number.POSITIVE_INFINITY), signal: cut.signal },
    stop,
    over: () => {
      over.abort();
      stopListening();
    },
  };
};
