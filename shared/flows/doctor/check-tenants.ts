import { type Finding, ok, warning } from './finding.ts';
import { count, some } from './words.ts';

/** @param ids `undefined`: the settings name no tenant */
export const judgeTenants = (ids: readonly string[] | undefined): Finding =>
  ids === undefined
    ? warning(
        'tenants',
        'No tenant is known: only an operator\'s subscription ("tenant": "*") receives events.',
        "Set SLUICE_TENANT when every event is one tenant's, else SLUICE_TENANTS_FILE.",
      )
    : ok('tenants', `${count(ids.length, 'tenant')}: ${some(ids)}.`);

export const judgeSubscriptions = (subscriptions: readonly { readonly tenant: string }[]): Finding =>
  subscriptions.length === 0
    ? ok(
        'subscriptions',
        'None in a file: events go only to subscriptions made by the API or with npx sluice subscriptions create.',
      )
    : ok(
        'subscriptions',
        `${count(subscriptions.length, 'subscription')} of ${count(new Set(subscriptions.map(({ tenant }) => tenant)).size, 'tenant')}.`,
      );
