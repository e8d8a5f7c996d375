import { nearestName } from '../shared/core/nearest-name.ts';
import type { Subscription } from '../shared/core/subscription.ts';
import type { Sluice } from './compose.ts';
import { WrongUsage } from './wrong-usage.ts';

/** @throws WrongUsage when there is no subscription of this id */
export const subscriptionOf = ({ subscriptions }: Pick<Sluice, 'subscriptions'>, id: string): Subscription => {
  const found = subscriptions.find((subscription) => subscription.id === id);
  if (found) return found;
  const ids = subscriptions.map((subscription) => subscription.id);
  const nearest = nearestName(id, ids);
  throw new WrongUsage(
    ids.length === 0
      ? `There is no subscription "${id}": none are set. Write them into a file and set SLUICE_SUBSCRIPTIONS_FILE.`
      : `There is no subscription "${id}". ${nearest ? `Did you mean ${nearest}?` : `There are: ${ids.join(', ')}.`}`,
  );
};
