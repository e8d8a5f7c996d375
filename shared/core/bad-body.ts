import { BadRequest, maskSecrets } from './errors.ts';
import { type JsonPath, pointerTo } from './json-pointer.ts';

/** One mistake in a JSON body: where it is, and what to write instead. */
export interface BodyMistake {
  /** `[]`: the body as a whole. */
  readonly path: JsonPath;
  readonly detail: string;
}

/** A body with mistakes; holds all of them. Secrets in them are masked. */
export class BadBody extends BadRequest {
  readonly mistakes: readonly BodyMistake[];

  constructor(mistakes: readonly [BodyMistake, ...BodyMistake[]]) {
    super(pointerTo(mistakes[0].path), mistakes.map(({ path, detail }) => `${pointerTo(path)}: ${detail}`).join(' '));
    this.mistakes = mistakes.map(({ path, detail }) => ({ path, detail: maskSecrets(detail) }));
  }
}
