import type { BodyMistake } from '../core/bad-body.ts';
import { everyTenant, tenantIdShape } from '../core/event.ts';
import { parseSubscription } from '../core/subscription-parse.ts';
import type { CommonRules } from '../core/subscription-rules.ts';

/** Mistakes by the rules of the domain (URL, headers, filter, fields) in a subscription that the schema has refused already. */
export const subscriptionMistakes = (
  { rules }: { readonly rules: CommonRules },
  written: unknown,
): readonly BodyMistake[] => {
  const tenant = tenantIn(written);
  // The tenant is checked only once the form is right, so mistakes about it are dropped. `id` and `externalId` are made by Sluice later:
  // here they are empty, and any that the body gives is a mistake.
  const { mistakes = [] } = parseSubscription(written, { ...rules, from: 'api', id: '', tenant, externalId: '' });
  return mistakes.filter(({ path }) => path[0] !== 'tenant');
};

const tenantIn = (written: unknown): string => {
  const tenant = typeof written === 'object' && written !== null && 'tenant' in written ? written.tenant : undefined;
  return typeof tenant === 'string' && tenantIdShape.test(tenant) ? tenant : everyTenant;
};
