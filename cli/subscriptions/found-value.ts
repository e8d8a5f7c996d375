import type { Answer } from '../../shared/flows/manage/answer.ts';
import { answerValue } from '../answer-value.ts';
import type { Sluice } from '../compose.ts';
import { subscriptionOf } from '../subscription-of.ts';

/**
 * The value that a call about a subscription answered.
 * @throws WrongUsage if there is no subscription of this id, with the nearest id there is; otherwise throws as `answerValue` does
 */
export const foundValue = async <Value>(
  deps: Pick<Sluice, 'roster'>,
  id: string,
  answer: Answer<Value>,
): Promise<Value> => {
  if (answer.kind === 'not found') await subscriptionOf(deps, id);
  return answerValue(answer, `subscription "${id}"`);
};
