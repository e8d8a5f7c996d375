/** What an operator is told about, by alert, in the log and in the metrics. */
import { sha256Hex } from './segment.ts';
import { subscriptionSecret } from './webhook/signature.ts';

export type AlertKind =
  /** The 4th failure in a row; then once a day. */
  | 'subscription failing'
  /** The settings of the subscription, or of its receiver, look wrong. */
  | 'subscription paused'
  | 'subscription disabled'
  /** An event that the receiver will never accept. Sent as an alert at most once an hour per subscription. */
  | 'dead letter'
  /** It will be disabled within about a day, unless somebody fixes the cause. */
  | 'disabled soon';

/** What a step of a subscription tells the operator: the end of a sentence that begins with the subscription's name. */
export interface Telling {
  readonly kind: AlertKind;
  readonly text: string;
  /** `log`: only into the log, because a person was told about the same thing a short while ago. */
  readonly to: 'person' | 'log';
}

/** The secret that alerts are signed with; `*` is no subscription's id. */
export const alertSecret = (rootKey: string): string => subscriptionSecret(rootKey, '*');

export interface AlertMessage {
  readonly kind: AlertKind;
  readonly subscription: string;
  readonly tenant: string;
  readonly text: string;
  /** ISO 8601. */
  readonly at: string;
}

/** A signed message as every other: `{ "type": "closer.security.alert", "timestamp", "data": { kind, subscription, tenant, text } }`. */
export const alertBody = ({ kind, subscription, tenant, text, at }: AlertMessage): Uint8Array =>
  Buffer.from(
    JSON.stringify({ type: 'closer.security.alert', timestamp: at, data: { kind, subscription, tenant, text } }),
  );

/** The same alert has the same id, whichever process sends it. */
export const alertId = ({ kind, subscription, at }: AlertMessage): string => {
  const hash = Buffer.from(sha256Hex(`alert ${kind} ${subscription} ${at}`), 'hex');
  return `msg_${hash.subarray(0, 18).toString('base64url')}`;
};
