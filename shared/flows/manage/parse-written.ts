import { BadBody, type BodyMistake } from '../../core/bad-body.ts';
import { type StoredSubscription, withSealedParts } from '../../core/stored-subscription.ts';
import type { Subscription } from '../../core/subscription.ts';
import { parseSubscription } from '../../core/subscription-parse.ts';
import { isObject, type Written } from '../../core/written.ts';
import { sealOfCredentials } from '../roster/open-seal.ts';
import type { ManageDeps } from './manage-deps.ts';

export interface Owner {
  readonly id: string;
  readonly tenant: string;
  /** Of a bucket; made by Sluice. */
  readonly externalId: string;
}

/**
 * The subscription of a body, held against the directory as it is now.
 * @param also mistakes that were found already: all are told at once
 * @throws BadBody with every mistake
 */
export const parseWritten = async (
  deps: Pick<ManageDeps, 'rules' | 'tenantIds'>,
  written: unknown,
  owner: Owner,
  also: readonly BodyMistake[] = [],
): Promise<Subscription> => {
  const tenants = deps.tenantIds ? await deps.tenantIds() : deps.rules.tenants;
  const { allowPrivateTargets, own } = deps.rules;
  const parsed = parseSubscription(written, {
    from: 'api',
    ...owner,
    allowPrivateTargets,
    ...(own && { own }),
    ...(tenants && { tenants }),
  });
  const [first, ...others] = [...also, ...(parsed.mistakes ?? [])];
  if (first) throw new BadBody([first, ...others]);
  if (parsed.mistakes) throw new Error('A body without mistakes is a subscription.');
  return parsed.subscription;
};

/** What is stored of a body: its credentials sealed, and nowhere else. */
export const sealedParts = async (
  { secrets }: Pick<ManageDeps, 'secrets'>,
  subscription: Subscription,
  written: Written,
): Promise<Pick<StoredSubscription, 'subscription' | 'sealed' | 'written'>> => {
  const { shown, credentials } = withSealedParts(subscription);
  const { tenant, id } = subscription;
  return {
    subscription: shown,
    ...(credentials && { sealed: (await sealOfCredentials(secrets)()).seal(tenant, id, credentials) }),
    written: withoutCredentials(written),
  };
};

/** The URL and the headers of the destination are in what is sealed. */
const withoutCredentials = ({ destination, ...written }: Written): Written => {
  if (!isObject(destination)) return written;
  const { url: _, headers: __, ...rest } = destination;
  return { ...written, destination: rest };
};
