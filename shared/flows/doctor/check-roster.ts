import { OperatorMustFix } from '../../core/errors.ts';
import { type ShownState, shownState } from '../../core/shown-state.ts';
import { rosterPartition, type StoredSubscription } from '../../core/stored-subscription.ts';
import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { subscriptionPartition } from '../../core/subscription-state.ts';
import type { StateDiagnosis } from '../../ports/diagnosis.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Secrets } from '../../ports/secrets.ts';
import { everyRecord } from '../records/each-record.ts';
import { sealOfCredentials } from '../roster/open-seal.ts';
import { tenantsWithStored, versioned } from '../roster/stored.ts';
import { type Finding, ok, problem, warning } from './finding.ts';
import type { Check } from './run-checks.ts';
import { count, some } from './words.ts';

interface Deps {
  readonly state: StateDiagnosis;
  readonly secrets: Secrets;
}

const check = 'subscriptions/api';

/**
 * Those made by the API, all at once: there may be thousands, and their endpoints are their owners' business. Whether their credentials open
 * is the operator's.
 */
export const rosterCheck = ({ state, secrets }: Deps): Check => ({
  name: check,
  run: async () => {
    const isThere = (await state.look()).kind === 'there';
    const stored = isThere ? await everyStored(state.records) : [];
    if (stored.length === 0) return [ok(check, 'None were made by the API.')];
    const tenants = new Set(stored.map(({ subscription }) => subscription.tenant)).size;
    const states = await shownStates(state.records, stored);
    const summary = `${count(stored.length, 'subscription')} of ${count(tenants, 'tenant')} made by the API: ${inWords(states)}.`;
    return [judgeStates(summary, states), ...(await sealedUnderLostKeys(secrets, stored))];
  },
});

const everyStored = async (records: RecordStore): Promise<readonly StoredSubscription[]> => {
  const all: StoredSubscription[] = [];
  for (const tenant of await tenantsWithStored(records))
    for (const record of await everyRecord(records, rosterPartition(tenant)))
      all.push(versioned(records, record).stored);
  return all.filter(({ deletedAt }) => deletedAt === undefined);
};

/** `retrying`: active, and the last try failed. */
type States = ReadonlyMap<ShownState['state'] | 'retrying' | 'unknown', readonly string[]>;

const shownStates = async (records: RecordStore, stored: readonly StoredSubscription[]): Promise<States> => {
  const states = new Map((await everyRecord(records, subscriptionPartition)).map(({ id, value }) => [id, value]));
  return Map.groupBy(
    stored.map(({ subscription }) => subscription.id),
    (id) => {
      const state = readSubscriptionState(states.get(id));
      if (!state) return 'unknown';
      const { state: shown } = shownState(state);
      return shown === 'active' && state.health.failures > 0 ? 'retrying' : shown;
    },
  );
};

const inWords = (states: States): string =>
  (['active', 'retrying', 'pending', 'paused', 'failing', 'disabled', 'unknown'] as const)
    .flatMap((state) => {
      const ids = states.get(state) ?? [];
      return ids.length === 0 ? [] : [`${ids.length} ${state}`];
    })
    .join(', ');

const judgeStates = (summary: string, states: States): Finding => {
  const lost = states.get('unknown') ?? [];
  if (lost.length > 0)
    return problem(
      check,
      `${summary} The state of ${some(lost)} is missing or cannot be read: nothing is sent there.`,
      'Restore the newest state, or run: npx sluice rebuild-checkpoint',
    );
  const ill = (['disabled', 'failing', 'retrying'] as const).flatMap((state) => states.get(state) ?? []);
  return ill.length === 0
    ? ok(check, summary)
    : warning(
        check,
        `${summary} Look at ${some(ill)}.`,
        `Their owners see why; so does: npx sluice subscriptions show ${ill[0]}`,
      );
};

const sealedUnderLostKeys = async (
  secrets: Secrets,
  stored: readonly StoredSubscription[],
): Promise<readonly Finding[]> => {
  const sealed = stored.filter((one) => one.sealed !== undefined);
  // Without a root key nothing opens: the check of the secrets says so.
  if (sealed.length === 0 || !(await secrets.get('rootKey'))) return [];
  const seal = await sealOfCredentials(secrets)();
  const lost = sealed.filter(({ sealed: text = '', subscription: { tenant, id } }) => {
    try {
      seal.open(tenant, id, text);
      return false;
    } catch (error) {
      if (!(error instanceof OperatorMustFix)) throw error;
      return true;
    }
  });
  const named = some(lost.map(({ subscription }) => subscription.id));
  return lost.length === 0
    ? []
    : [
        problem(
          `${check}/credentials`,
          `The credentials of ${count(lost.length, 'subscription')} do not open under the root key, nor under the one before it: ${named}.`,
          'Put the root key that they were sealed under back as "previous" of the secret rootKey until they are sealed anew (an hour, or a few), or have their owners set URL and headers again.',
        ),
      ];
};
