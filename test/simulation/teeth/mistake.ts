import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A known mistake, as an edit of one file: `find` stands in it exactly once. */
export interface Mistake {
  readonly name: string;
  /** From the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const urlOf = ({ file }: Mistake): string => new URL(`../../../${file}`, import.meta.url).href;

/**
 * A file's text with the mistake in it.
 * @throws when the place is not there exactly once: the code has changed, and the table must follow it
 */
export const planted = (mistake: Mistake, source: string): string => {
  const places = source.split(mistake.find).length - 1;
  if (places !== 1)
    throw new Error(
      `"${mistake.name}" cannot be planted: ${mistake.file} holds its place ${places} times. Bring test/simulation/teeth up to date.`,
    );
  return source.replace(mistake.find, () => mistake.replace);
};

/** @throws when any of them cannot be planted */
export const checkPlaces = (mistakes: readonly Mistake[]): void => {
  for (const mistake of mistakes) planted(mistake, readFileSync(fileURLToPath(urlOf(mistake)), 'utf8'));
};
