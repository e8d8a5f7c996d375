import { randomBytes } from 'node:crypto';
import { OperatorMustFix } from '../../core/errors.ts';
import { type CredentialSeal, credentialSeal } from '../../core/sealed-credentials.ts';
import type { Secrets } from '../../ports/secrets.ts';

/**
 * The seal of the current root key, made anew only when the key changes; the key before it still opens.
 * @throws OperatorMustFix when there is no root key
 */
export const sealOfCredentials = (secrets: Secrets): (() => Promise<CredentialSeal>) => {
  let made: { readonly keys: string; readonly seal: CredentialSeal } | undefined;
  return async () => {
    const rootKey = await secrets.get('rootKey');
    if (!rootKey)
      throw new OperatorMustFix(
        'There is no secret "rootKey" to seal the credentials of subscriptions with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
      );
    const { current, previous } = rootKey;
    const keys = JSON.stringify([current, previous]);
    if (made?.keys !== keys)
      made = { keys, seal: credentialSeal(previous === undefined ? [current] : [current, previous], randomBytes) };
    return made.seal;
  };
};
