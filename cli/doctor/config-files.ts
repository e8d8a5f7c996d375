import type { Config } from '../../shared/config/config.ts';
import { readSubscriptions, readTenants } from '../../shared/config/config-files.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { attributeNone, type Tenant, type Tenants } from '../../shared/core/tenants.ts';
import { judgeSubscriptions, judgeTenants } from '../../shared/flows/doctor/check-tenants.ts';
import { type Finding, problemOf } from '../../shared/flows/doctor/finding.ts';
import type { Check } from '../../shared/flows/doctor/run-checks.ts';

export interface ReadFiles {
  readonly attribute: Tenants['attribute'];
  /** In the file. */
  readonly tenants: readonly Tenant[];
  readonly subscriptions: readonly Subscription[];
  readonly checks: readonly Check[];
}

/**
 * Reads the tenants and the subscriptions, with a finding for each. A file that cannot be read counts as empty, so the rest can still be
 * checked.
 */
export const readConfigFiles = (config: Config, options: { readonly cwd: string }): ReadFiles => {
  const tenants = attempt('tenants', () => readTenants(config));
  const ids = tenants.value?.ids;
  const subscriptions = attempt('subscriptions', () => readSubscriptions(config, { ids }, options));
  return {
    attribute: tenants.value?.attribute ?? attributeNone,
    tenants: tenants.value?.directory?.tenants ?? [],
    subscriptions: subscriptions.value ?? [],
    checks: [
      saying(tenants.problem ?? judgeTenants(ids)),
      saying(subscriptions.problem ?? judgeSubscriptions(subscriptions.value ?? [])),
    ],
  };
};

const attempt = <Value>(check: string, read: () => Value): { readonly value?: Value; readonly problem?: Finding } => {
  try {
    return { value: read() };
  } catch (error) {
    return { problem: problemOf(check, error) };
  }
};

const saying = (finding: Finding): Check => ({ name: finding.check, run: async () => [finding] });
