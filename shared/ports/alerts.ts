import type { AlertKind } from '../core/alert.ts';

/** Tells a person. What is told is also in the log and in the metrics: a lost alert hides nothing. */
export interface Alerts {
  /** Never throws, and is over within seconds: that an alert could not be sent is a notice of its own. */
  tell(alert: Alert): Promise<void>;
}

export interface Alert {
  readonly kind: AlertKind;
  readonly subscription: string;
  readonly tenant: string;
  /** A sentence: what happened, with which answer, what to do. No secret, no path of a URL. */
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}
