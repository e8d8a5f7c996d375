import { nearestName } from '../shared/core/nearest-name.ts';
import type { Subscription } from '../shared/core/subscription.ts';
import type { Sluice } from './compose.ts';
import { WrongUsage } from './wrong-usage.ts';

/** @throws WrongUsage when there is no subscription of this id */
export const subscriptionOf = async ({ roster }: Pick<Sluice, 'roster'>, id: string): Promise<Subscription> => {
  const found = await roster.get(id);
  if (found) return found;
  const ids = (await roster.all()).map((subscription) => subscription.id);
  const nearest = nearestName(id, ids);
  throw new WrongUsage(
    ids.length === 0
      ? `There is no subscription "${id}", nor any other. Make one with: npx sluice subscriptions create`
      : `There is no subscription "${id}". ${nearest ? `Did you mean ${nearest}?` : `There are: ${someOf(ids)}.`}`,
  );
};

const someOf = (ids: readonly string[]): string =>
  ids.length <= 20 ? ids.join(', ') : `${ids.slice(0, 20).join(', ')} and ${ids.length - 20} more`;
