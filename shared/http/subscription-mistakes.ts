import type { BodyMistake } from '../core/bad-body.ts';
import { everyTenant, tenantIdShape } from '../core/event.ts';
import { parseSubscription } from '../core/subscription-parse.ts';
import type { CommonRules } from '../core/subscription-rules.ts';

/** What the rules of the domain find wrong with a subscription whose form is wrong already: URL, headers, filter, fields. */
export const subscriptionMistakes = (
  { rules }: { readonly rules: CommonRules },
  written: unknown,
): readonly BodyMistake[] => {
  const tenant = tenantIn(written);
  // Whose it is is looked at when its form is right; what Sluice will make for it is not known yet, and wrong whatever it is.
  const { mistakes = [] } = parseSubscription(written, { ...rules, from: 'api', id: '', tenant, externalId: '' });
  return mistakes.filter(({ path }) => path[0] !== 'tenant');
};

const tenantIn = (written: unknown): string => {
  const tenant = typeof written === 'object' && written !== null && 'tenant' in written ? written.tenant : undefined;
  return typeof tenant === 'string' && tenantIdShape.test(tenant) ? tenant : everyTenant;
};
