import { OperatorMustFix, RetryLater } from '../shared/core/errors.ts';
import type { Answer } from '../shared/flows/manage/answer.ts';
import { WrongUsage } from './wrong-usage.ts';

/**
 * What a management call answered, or why it did not.
 * @param what as a sentence names it: `tenant "acme"`
 * @throws WrongUsage there is no such thing · RetryLater not now · OperatorMustFix refused, or changed meanwhile
 */
export const answerValue = <Value>(answer: Answer<Value>, what: string): Value => {
  switch (answer.kind) {
    case 'done':
      return answer.value;
    case 'not found':
      throw new WrongUsage(`There is no ${what}.`);
    case 'changed elsewhere':
      throw new OperatorMustFix(
        `The ${what} has been changed: it is at version ${answer.version} now. Nothing was done. Look at it again, and decide anew.`,
      );
    case 'refused':
      if (answer.reason === 'not now') throw new RetryLater(answer.detail);
      throw new OperatorMustFix(answer.detail);
    default:
      return answer satisfies never;
  }
};
