import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { Caller } from './caller.ts';
import type { ManageDeps } from './manage-deps.ts';
import type { SubscriptionView } from './subscription-view.ts';

export interface Created {
  readonly subscription: SubscriptionView;
  /** Of a webhook; in this answer and, for operators, in `subscriptions secret`. */
  readonly signing?: SigningMaterial;
}

export interface SigningMaterial {
  /** `whsec_…`: whoever has it can sign. */
  readonly secret: string;
  /** `whpk_…`: of the `v1a` signatures. */
  readonly publicKey: string;
}

/**
 * Makes a subscription of the caller's tenant; an operator names the tenant in `written`.
 * @param written the body: the form of the subscriptions file, without `id`
 * @returns `refused` `too many`: the tenant has 1 000
 * @throws BadBody with every mistake in `written`
 */
export const createSubscription = async (
  _deps: ManageDeps,
  _caller: Caller,
  _written: unknown,
): Promise<Answer<Created>> => {
  throw new RetryLater('Not built yet.');
};
