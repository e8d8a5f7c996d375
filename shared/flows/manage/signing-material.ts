import { OperatorMustFix } from '../../core/errors.ts';
import type { Subscription } from '../../core/subscription.ts';
import { signingVersions } from '../../core/webhook/secrets.ts';
import { subscriptionSecret } from '../../core/webhook/signature.ts';
import { subscriptionKey } from '../../core/webhook/webhook-key.ts';
import type { ManageDeps } from './manage-deps.ts';

/** What a receiver needs to know that a message is ours. */
export interface SigningMaterial {
  /** `whsec_…`: whoever has it can sign. */
  readonly secret: string;
  /** `whpk_…`: of the `v1a` signatures. */
  readonly publicKey: string;
}

/**
 * Of a webhook, and of what is polled, which is signed alike; as it is current now. `undefined` for any other destination.
 * @throws OperatorMustFix when there is no root key
 */
export const signingMaterialOf = async (
  { secrets, clock }: Pick<ManageDeps, 'secrets' | 'clock'>,
  subscription: Subscription,
): Promise<SigningMaterial | undefined> => {
  if (!isSigned(subscription)) return undefined;
  const rootKey = await secrets.get('rootKey');
  if (!rootKey)
    throw new OperatorMustFix(
      'There is no secret "rootKey" to derive a signing secret from. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
    );
  const [current] = signingVersions(rootKey, subscription, clock.nowMs());
  if (!current) throw new Error('What is signed has a secret.');
  const { id } = subscription;
  return {
    secret: subscriptionSecret(current.rootKey, id, current.version),
    publicKey: subscriptionKey(current.rootKey, id, current.version).publicKey,
  };
};

/** Whether its batches are signed with a secret of its own. */
export const isSigned = ({ destination }: Subscription): boolean =>
  destination.type === 'webhook' || destination.type === 'poll';
