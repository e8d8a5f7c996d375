import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { Expecting } from './change-subscription.ts';
import type { SigningMaterial } from './create-subscription.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface Rotated {
  readonly subscription: SubscriptionView;
  /** The new secret; not shown again. */
  readonly signing: SigningMaterial;
}

/**
 * A new signing secret. The one before it signs beside it for `overlapSeconds` (0 to 604 800, default 86 400).
 * @returns `refused` `not now`: the overlap of the last rotation lasts, and this one asks for one as well (0 ends the former at once);
 *   `wrong state`: no webhook
 */
export const rotateSecret = async (
  _deps: ManageDeps,
  _caller: Caller,
  _id: string,
  _options: Expecting & { readonly overlapSeconds?: number } = {},
): Promise<Answer<Rotated>> => {
  throw new RetryLater('Not built yet.');
};
