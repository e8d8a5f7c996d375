import { type CursorSeal, cursorSeal } from '../core/cursor-seal.ts';
import { OperatorMustFix } from '../core/errors.ts';
import type { Secrets } from '../ports/secrets.ts';

/**
 * The seal of the current root key, made anew only when the key changes; the key before it still opens.
 * @throws OperatorMustFix when there is no root key
 */
export const sealFrom = (secrets: Secrets): (() => Promise<CursorSeal>) => {
  let made: { readonly keys: string; readonly seal: CursorSeal } | undefined;
  return async () => {
    const rootKey = await secrets.get('rootKey');
    if (!rootKey)
      throw new OperatorMustFix(
        'There is no secret "rootKey" to seal cursors with. Add one to what SLUICE_SECRETS names; make it with: openssl rand -base64 32',
      );
    const { current, previous } = rootKey;
    const keys = JSON.stringify([current, previous]);
    if (made?.keys !== keys)
      made = { keys, seal: cursorSeal(previous === undefined ? [current] : [current, previous]) };
    return made.seal;
  };
};
