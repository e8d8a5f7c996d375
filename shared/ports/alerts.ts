import type { AlertMessage } from '../core/alert.ts';

/** Tells a person. What is told is also in the log and in the metrics: a lost alert hides nothing. */
export interface Alerts {
  /** Never throws, and is over within seconds: that an alert could not be sent is a notice of its own. */
  tell(alert: Alert): Promise<void>;
}

/** `text` is a sentence: what happened, with which answer, what to do. No secret, no path of a URL. */
export type Alert = AlertMessage;
