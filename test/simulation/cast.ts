/** Who takes part in every history: tenants, what is known of their users, and what they subscribe to. */
import { everyTenant } from '../../shared/core/event.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { parseTenants, type TenantDirectory } from '../../shared/core/tenants.ts';
import type { Owner } from './history.ts';

const userOf: Readonly<Record<Owner, string>> = {
  aurora: 'aurora-1',
  'aurora new': 'aurora-2',
  baltic: 'baltic-1',
  cobalt: 'cobalt-1',
  nobody: 'stranger',
  torn: 'aurora-1',
};

/** What a document says of whose it is. */
export const evidenceOf = (owner: Owner): Readonly<Record<string, string>> => ({
  'user.id': userOf[owner],
  ...(owner === 'torn' && { 'organization.id': 'baltic-org' }),
});

/** The directory before and after it was extended: later it knows a whole tenant, and a user, that were strangers before. */
export const directories: readonly [TenantDirectory, TenantDirectory] = [
  parseTenants([
    { id: 'aurora', users: ['aurora-1'], organizations: ['aurora-org'] },
    { id: 'baltic', users: ['baltic-1'], organizations: ['baltic-org'] },
    { id: 'cobalt', organizations: ['cobalt-org'] },
  ]),
  parseTenants([
    { id: 'aurora', users: ['aurora-1', 'aurora-2'], organizations: ['aurora-org'] },
    { id: 'baltic', users: ['baltic-1'], organizations: ['baltic-org'] },
    { id: 'cobalt', users: ['cobalt-1'], organizations: ['cobalt-org'] },
  ]),
];

/** Whose an event is: as it is known first, and once the directory is extended. `undefined`: nobody's that is known. */
export const tenantsOf: Readonly<Record<Owner, readonly [string | undefined, string | undefined]>> = {
  aurora: ['aurora', 'aurora'],
  'aurora new': [undefined, 'aurora'],
  baltic: ['baltic', 'baltic'],
  cobalt: [undefined, 'cobalt'],
  nobody: [undefined, undefined],
  torn: [undefined, undefined],
};

/** Which outcomes a revision of a subscription asks for; `undefined`: all. */
export type WantedOutcome = 'success' | 'failure' | undefined;

export interface Revision {
  readonly wants: WantedOutcome;
  readonly subscription: Subscription;
}

interface Member {
  readonly id: string;
  readonly tenant: string;
  readonly wants: WantedOutcome;
  readonly maxEvents: number;
  readonly maxDelaySeconds: number;
  readonly start: Subscription['start'];
  /** Most events of one request that its receiver takes; it answers 413 to more. */
  readonly mostEvents: number;
  /** Its receiver answers 400 to a request that holds an event whose id says `poison`. */
  readonly isDelicate: boolean;
}

const member = (id: string, tenant: string, other: Partial<Member> = {}): Member => ({
  id,
  tenant,
  wants: undefined,
  maxEvents: 3,
  maxDelaySeconds: 0,
  start: 'beginning',
  mostEvents: Number.POSITIVE_INFINITY,
  isDelicate: false,
  ...other,
});

/** The last one is added in the middle of a history. */
export const members: readonly Member[] = [
  member('aurora-soc', 'aurora', { maxDelaySeconds: 30 }),
  member('aurora-failures', 'aurora', { wants: 'failure', maxEvents: 2 }),
  member('baltic-soc', 'baltic', { maxEvents: 4, mostEvents: 3, isDelicate: true }),
  member('operator', everyTenant, { maxEvents: 5 }),
  member('cobalt-soc', 'cobalt', { start: 'now', maxEvents: 2 }),
];

/** How often each part of the settings was changed. */
export interface Changes {
  readonly filter: number;
  readonly limits: number;
  readonly format: number;
}

export const unchanged: Changes = { filter: 0, limits: 0, format: 0 };

const otherWish = (wants: WantedOutcome): WantedOutcome => (wants === 'failure' ? 'success' : 'failure');

/** The subscription as the settings have it after so many changes; every second change of one part takes it back. */
export const revisionOf = (of: Member, changes: Changes): Revision => {
  const wants = changes.filter % 2 === 0 ? of.wants : otherWish(of.wants);
  return {
    wants,
    subscription: {
      id: of.id,
      tenant: of.tenant,
      ...(wants !== undefined && { filter: { outcome: [wants] } }),
      format: changes.format % 2 === 0 ? 'ecs' : 'ecs-flat',
      batch: {
        maxEvents: changes.limits % 2 === 0 ? of.maxEvents : of.maxEvents + 2,
        maxBytes: 1_000_000,
        maxDelaySeconds: of.maxDelaySeconds,
      },
      start: of.start,
      destination: { type: 'webhook', url: `https://${of.id}.example.com/hook` },
    },
  };
};
