/** The subscriptions file: a list of subscriptions in the form of `parseSubscription`. */
import { OperatorMustFix } from './errors.ts';
import type { Subscription } from './subscription.ts';
import { parseInto } from './subscription-parse.ts';
import type { FileRules } from './subscription-rules.ts';
import { got, isObject, type Mistakes, mistakeLine, noMistakes } from './written.ts';

/**
 * The subscriptions of a file that is parsed as JSON already, with all defaults filled in.
 * @throws OperatorMustFix listing every mistake, one per line; a URL is never repeated beyond its host, a header never with its value
 */
export const parseSubscriptions = (json: unknown, fileRules: FileRules): readonly Subscription[] => {
  if (!Array.isArray(json))
    throw new OperatorMustFix(
      `The subscriptions must be a list; got ${got(json)}. Write [{ "id": "acme-soc", "tenant": "acme", "destination": { … } }].`,
    );
  const rules = { ...fileRules, from: 'file' } as const;
  const mistakes = noMistakes();
  const subscriptions = json.map((written: unknown, at) => parseInto(mistakes, written, [String(at)], rules));
  reportTwins(json, mistakes);
  if (mistakes.all.length > 0) {
    const count = mistakes.all.length === 1 ? 'One mistake' : `${mistakes.all.length} mistakes`;
    const lines = mistakes.all.map((mistake) => `- ${mistakeLine(mistake)}`);
    throw new OperatorMustFix(`${count} in the subscriptions:\n${lines.join('\n')}`);
  }
  return subscriptions.filter((subscription) => subscription !== undefined);
};

/** Reports ids that occur twice: two subscriptions with the same id would move each other's cursor. */
const reportTwins = (json: readonly unknown[], mistakes: Mistakes): void => {
  const first = new Map<unknown, number>();
  json.forEach((written: unknown, at) => {
    const id = isObject(written) ? written['id'] : undefined;
    if (typeof id !== 'string') return;
    const before = first.get(id);
    if (before === undefined) first.set(id, at);
    else mistakes.add([String(at), 'id'], `is taken by [${before}]; got ${got(id)}; write another name`);
  });
};
