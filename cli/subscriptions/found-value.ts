import type { Answer } from '../../shared/flows/manage/answer.ts';
import { answerValue } from '../answer-value.ts';
import type { Sluice } from '../compose.ts';
import { subscriptionOf } from '../subscription-of.ts';
import { WrongUsage } from '../wrong-usage.ts';

/**
 * The value that a call about a subscription, or about a dead letter of it, answered.
 * @throws WrongUsage if there is no subscription of this id, with the nearest id there is; otherwise throws as `answerValue` does
 */
export const foundValue = async <Value>(
  deps: Pick<Sluice, 'roster'>,
  id: string,
  answer: Answer<Value>,
  letter?: string,
): Promise<Value> => {
  if (answer.kind === 'not found') await subscriptionOf(deps, id);
  if (answer.kind === 'not found' && letter !== undefined)
    throw new WrongUsage(
      `Subscription "${id}" has no dead letter "${letter}". Those it has: sluice subscriptions dead-letters list ${id}`,
    );
  return answerValue(answer, `subscription "${id}"`);
};
