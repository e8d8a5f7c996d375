/** What an operator is told of, by alert, in the log and in the metrics. */
import { hkdfSync } from 'node:crypto';

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

/** Secret that alerts are signed with: `whsec_` and the base64 of 32 bytes, HKDF-SHA256 (RFC 5869) of the root key's text. */
export const alertSecret = (rootKey: string): string =>
  `whsec_${Buffer.from(hkdfSync('sha256', rootKey, '', 'sluice/alert-secret/1', 32)).toString('base64')}`;
