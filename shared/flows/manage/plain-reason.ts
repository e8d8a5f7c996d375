import { BadBody } from '../../core/bad-body.ts';
import { plainText } from '../../core/plain-text.ts';

const mostCharacters = 200;

/**
 * A reason in somebody's words, as others may read it.
 * @throws BadBody when it is too long, or holds what does not show
 */
export const plainReason = (written: string | undefined): string | undefined => {
  if (written === undefined) return undefined;
  const read = plainText(written, mostCharacters);
  if ('text' in read) return read.text;
  throw new BadBody([{ path: ['reason'], detail: `${read.wrong}; write it in a sentence.` }]);
};
