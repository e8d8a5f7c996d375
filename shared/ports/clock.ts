/** Time as a parameter. `sleep` resolves early, without throwing, when `signal` aborts. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** A clock for work that must end in time. */
export interface AlarmClock extends Clock {
  /**
   * Resolves when `nowMs` has reached `atMs`, or early, without throwing, when `signal` aborts. Work goes on beside it: unlike `sleep` it
   * does not move the time of a test.
   */
  until(atMs: number, signal: AbortSignal): Promise<void>;
}
