import { randomBytes, randomInt } from 'node:crypto';
import { storedId } from '../../core/stored-subscription.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz234567';

/** An id for a new subscription of this tenant: 60 random bits behind the tenant's name. */
export const newSubscriptionId = (tenant: string): string =>
  storedId(tenant, Array.from({ length: 12 }, () => letters[randomInt(letters.length)]).join(''));

/**
 * What a customer's role must ask for before we may assume it. Made here and never chosen by the customer: otherwise one could name
 * another's role together with that one's external id.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
 */
export const newExternalId = (): string => `sluice-${randomBytes(18).toString('base64url')}`;
