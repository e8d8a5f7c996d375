import { withSealedParts } from '../../shared/core/stored-subscription.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { sealOfCredentials } from '../../shared/flows/roster/open-seal.ts';
import { changeStored, enterTenant } from '../../shared/flows/roster/stored.ts';
import type { RecordStore } from '../../shared/ports/record-store.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';

/** Stores a subscription as the API does: without a state, which is no matter of the roster. */
export const storeAsApi = async (
  { records, secrets }: { readonly records: RecordStore; readonly secrets: Secrets },
  subscription: Subscription,
  over: { readonly deletedAt?: string } = {},
): Promise<void> => {
  const { shown, credentials } = withSealedParts(subscription);
  const seal = await sealOfCredentials(secrets)();
  const at = '2026-03-01T12:00:00.000Z';
  await enterTenant(records, shown.tenant);
  const stored = {
    subscription: shown,
    ...(credentials && { sealed: seal.seal(shown.tenant, shown.id, credentials) }),
    createdAt: at,
    changedAt: at,
    createdBy: 'operator',
    ...over,
  };
  await changeStored(records, stored, 0);
};
