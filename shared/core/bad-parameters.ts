import { BadRequest, maskSecrets } from './errors.ts';

/** One mistake of the caller: which parameter or body field, and what to write instead. Secrets in it are masked. */
export interface Mistake {
  readonly field: string;
  readonly detail: string;
}

/** A question with mistakes; holds all of them, `field` is that of the first. */
export class BadParameters extends BadRequest {
  readonly mistakes: readonly Mistake[];

  constructor(mistakes: readonly [Mistake, ...Mistake[]]) {
    super(mistakes[0].field, mistakes.map(({ field, detail }) => `${field}: ${detail}`).join(' '));
    this.mistakes = mistakes.map(({ field, detail }) => ({ field, detail: maskSecrets(detail) }));
  }
}

/** A value as it may be shown back: quoted, one line, cut after 60 characters. */
export const shown = (value: unknown): string => {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
};
