/** The subscription that a call is to act on, as its caller has seen it; or the refusal that the call answers with. */
import type { StoredSubscription } from '../../core/stored-subscription.ts';
import { changedElsewhere, notFound, type Refusal, refused } from './answer.ts';
import type { Caller } from './caller.ts';
import { type FindDeps, type Found, findSubscription } from './find-subscription.ts';

export interface Expecting {
  /** The version that the caller has seen; absent: whichever it is. */
  readonly expected?: number;
}

/** For what may be done to every subscription, one of the settings' file too. */
export const findExpected = async (
  deps: FindDeps,
  caller: Caller,
  id: string,
  expected: number | undefined,
): Promise<Found | Refusal> => {
  const found = await findSubscription(deps, caller, id);
  if (!found) return notFound;
  return stale(found, expected) ?? found;
};

/** For what changes the subscription itself: one of the settings' file is changed there (`kept in the file`). */
export const findStored = async (
  deps: FindDeps,
  caller: Caller,
  id: string,
  expected: number | undefined,
): Promise<FoundStored | Refusal> => {
  const found = await findSubscription(deps, caller, id);
  if (!found) return notFound;
  const { stored } = found;
  if (!stored) return keptInFile(found);
  return stale(found, expected) ?? { ...found, stored };
};

interface FoundStored extends Found {
  readonly stored: StoredSubscription;
}

const keptInFile = ({ subscription }: Found): Refusal =>
  refused(
    'kept in the file',
    `Subscription "${subscription.id}" is kept in the operator's settings, in the file that SLUICE_SUBSCRIPTIONS_FILE names. It is changed there.`,
  );

/** The refusal, where the caller names a version and it is another by now. */
const stale = ({ version }: Found, expected: number | undefined): Refusal | undefined =>
  expected === undefined || expected === version ? undefined : changedElsewhere(version);
