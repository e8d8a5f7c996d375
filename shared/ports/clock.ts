/** Time as a parameter. `sleep` resolves early, without throwing, when `signal` aborts. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
