import type { Alert } from './alerts.ts';

/** One wide line per run and one per attempt, always with the same keys. No event bodies, no secrets, no path of a customer's URL. */
export interface Telemetry {
  pullRun(line: PullLine): void;
  attempt(line: AttemptLine): void;
  deliverRun(line: DeliverLine): void;
  reconcileRun(line: ReconcileLine): void;
  /** A person must act: an error in the log, and one in a metric of its kind. */
  alert(alert: Alert): void;
  /** Surprising, nothing lost; or `error`: data at risk, or a person must act. */
  notice(level: 'info' | 'warn' | 'error', message: string, fields?: Readonly<Record<string, string | number>>): void;
}

export interface PullLine {
  readonly source: string;
  /** `done`: caught up · `more`: stopped with time in hand, the next run goes on · `busy`: another run is at work. */
  readonly result: 'done' | 'more' | 'busy';
  readonly read: number;
  /** Read for the first time. */
  readonly kept: number;
  readonly redacted: number;
  readonly journaled: number;
  readonly unattributed: number;
  readonly unreadable: number;
  readonly segments: number;
  readonly head: number;
  readonly watermark: string;
  /** Now less the watermark. */
  readonly lagMs: number;
  readonly durationMs: number;
}

export interface AttemptLine {
  readonly subscription: string;
  readonly tenant: string;
  readonly destination: string;
  readonly batch: string;
  readonly sequence: number;
  readonly attempt: number;
  readonly outcome: string;
  readonly answer: string;
  readonly events: number;
  readonly bytes: number;
  readonly durationMs: number;
}

export interface DeliverLine {
  readonly subscription: string;
  readonly result: string;
  readonly batches: number;
  readonly delivered: number;
  readonly filtered: number;
  readonly deadLetters: number;
  readonly lagSegments: number;
  /** Age of the oldest event that waits, by when it was journaled; 0 when none does. */
  readonly oldestUndeliveredMs: number;
  readonly durationMs: number;
}

export interface ReconcileLine {
  readonly source: string;
  /** What was compared; `none`: no rung was due. */
  readonly rung: 'hour' | 'day' | 'horizon' | 'none';
  /**
   * `done`: all compared, and what was missing is journaled · `more`: stopped with time in hand, the next run goes on · `unmended`: in some
   * minutes it could not be told or read what is missing, a notice says why · `nothing to do`: nothing is due, or nothing was pulled yet.
   */
  readonly result: 'done' | 'more' | 'unmended' | 'nothing to do';
  /** Whole minutes compared, and those in which the source held more. */
  readonly minutes: number;
  readonly differing: number;
  /** Events journaled by this run. */
  readonly recovered: number;
  readonly redacted: number;
  readonly segments: number;
  /** As published, see `Reconciliation`. */
  readonly lateRecovered: number;
  readonly lateMissed: number;
  readonly removedAtSource: number;
  readonly exceptions: number;
  readonly completeThrough: string;
  /** Now less `completeThrough`; 0 when nothing was compared yet. */
  readonly lagMs: number;
  readonly durationMs: number;
}
