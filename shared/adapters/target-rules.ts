import { hostname, networkInterfaces } from 'node:os';
import type { Config } from '../config/config.ts';
import type { TargetRules } from '../core/address/target.ts';

/**
 * Where deliveries may go, by the settings and by what this machine is: its own addresses, its name when that is a full one, and the host of
 * its HTTP API are Sluice itself. Addresses that the machine gets later are not seen before the next start.
 */
export const targetRules = ({
  allowPrivateTargets,
  publicUrl,
}: Pick<Config, 'allowPrivateTargets' | 'publicUrl'>): Required<TargetRules> => ({
  allow: allowPrivateTargets,
  own: [
    ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname.replace(/^\[|\]$/g, '')]),
    // A host name without a dot is left out: another rule refuses all such names.
    ...[hostname()].filter((name) => name.includes('.')),
    ...Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address)),
  ],
});
