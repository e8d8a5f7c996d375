/** What an operator is told of, by alert, in the log and in the metrics. */
import { sha256Hex } from './segment.ts';
import { subscriptionSecret } from './webhook/signature.ts';

export type AlertKind =
  /** The 4th failure in a row; then once a day. */
  | 'subscription failing'
  /** Its settings, or its receiver's, look wrong. */
  | 'subscription paused'
  | 'subscription disabled'
  /** An event that its receiver will never take. By alert at most once an hour and subscription. */
  | 'dead letter'
  /** Within about a day, unless somebody mends it. */
  | 'disabled soon';

/** What a step of a subscription has to say: the end of a sentence that begins with its name. */
export interface Telling {
  readonly kind: AlertKind;
  readonly text: string;
  /** `log`: a person was told of the like a short while ago. */
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

/** The same alert has the same id, whoever tells it. */
export const alertId = ({ kind, subscription, at }: AlertMessage): string => {
  const hash = Buffer.from(sha256Hex(`alert ${kind} ${subscription} ${at}`), 'hex');
  return `msg_${hash.subarray(0, 18).toString('base64url')}`;
};
