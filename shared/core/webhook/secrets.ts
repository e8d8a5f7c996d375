/** The secrets that a webhook is signed with at a moment: the current secret first, then those that are being replaced. */
import type { Subscription } from '../subscription.ts';
import { subscriptionSecret } from './signature.ts';
import { subscriptionKey, type WebhookKey } from './webhook-key.ts';

/** The secret `rootKey`. */
export interface RootKey {
  readonly current: string;
  /** While a rotation of it lasts. */
  readonly previous?: string;
}

/** The parts of a subscription that decide its secrets. */
export type SecretOwner = Pick<Subscription, 'id' | 'secret'>;

const firstVersion = 1;

/**
 * The pairs of root key and version that sign now, the current pair first. A receiver that has followed one change, both or none has a
 * secret of one of them.
 */
export const signingVersions = (
  { current, previous }: RootKey,
  { secret }: SecretOwner,
  nowMs: number,
): readonly { readonly rootKey: string; readonly version: number }[] => {
  const before = secret?.previous !== undefined && nowMs < secret.previous.untilMs ? [secret.previous.version] : [];
  const versions = [secret?.version ?? firstVersion, ...before];
  const rootKeys = previous === undefined ? [current] : [current, previous];
  return rootKeys.flatMap((rootKey) => versions.map((version) => ({ rootKey, version })));
};

/**
 * Every secret that signs now, the current one first: at most four, while both the root key and the secret are being changed.
 * @throws OperatorMustFix when a root key is shorter than 32 characters
 */
export const secretsOf = (rootKey: RootKey, subscription: SecretOwner, nowMs: number): readonly string[] =>
  signingVersions(rootKey, subscription, nowMs).map((each) =>
    subscriptionSecret(each.rootKey, subscription.id, each.version),
  );

/** The same for the key pairs of `v1a`: of the keys that sign now the current one first. */
export const webhookKeysOf = (rootKey: RootKey, subscription: SecretOwner, nowMs: number): readonly WebhookKey[] =>
  signingVersions(rootKey, subscription, nowMs).map((each) =>
    subscriptionKey(each.rootKey, subscription.id, each.version),
  );
