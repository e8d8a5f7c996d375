/** The words of a question, one at a time, each with the column it begins at. */
import { BadRequest } from '../errors.ts';

/** A text as it was written; its parts are the texts between stars that stand for any text. */
export interface Word {
  readonly kind: 'word';
  /** From 1. */
  readonly column: number;
  readonly parts: readonly [string, ...string[]];
  /** Written in quotes or with a backslash, so it is not the keyword `and`, `or`, `not`. */
  readonly quoted: boolean;
}

export type Token =
  | Word
  | { readonly kind: '(' | ')' | ':' | '<' | '<=' | '>' | '>='; readonly column: number }
  | { readonly kind: 'end'; readonly column: number };

export interface Scanner {
  /** @param place `value`: a colon belongs to the word (`2001:db8::1`, `10:00`); otherwise a colon ends the word */
  peek(place?: 'value'): Token;
  /** Moves on behind the token that `peek` returned last. */
  take(): void;
}

/** @throws BadRequest `q`, with the column, for a quote that is never closed or a backslash at the end */
export const scan = (text: string): Scanner => {
  let at = 0;
  let ahead = 0;
  return {
    peek: (place) => {
      while (isBlank(text[at])) at += 1;
      const [token, end] = tokenAt(text, at, place === 'value');
      ahead = end;
      return token;
    },
    take: () => {
      at = ahead;
    },
  };
};

/** A mistake in a question, at a column counted from 1. */
export const mistakeAt = (column: number, sentence: string): BadRequest =>
  new BadRequest('q', `Column ${column}: ${sentence}`);

const tokenAt = (text: string, at: number, isValue: boolean): readonly [Token, number] => {
  const column = at + 1;
  const first = text[at];
  switch (first) {
    case undefined:
      return [{ kind: 'end', column }, at];
    case '(':
    case ')':
      return [{ kind: first, column }, at + 1];
    case '<':
    case '>':
      return text[at + 1] === '=' ? [{ kind: `${first}=`, column }, at + 2] : [{ kind: first, column }, at + 1];
    case ':':
      if (!isValue) return [{ kind: ':', column }, at + 1];
      return wordAt(text, at, isValue);
    case '"':
      return quotedAt(text, at);
    default:
      return wordAt(text, at, isValue);
  }
};

const wordAt = (text: string, start: number, isValue: boolean): readonly [Word, number] => {
  const parts = partsOf();
  let quoted = false;
  let at = start;
  for (; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '\\') {
      at += 1;
      quoted = true;
      parts.add(escaped(text, at));
    } else if (char === '*') parts.star();
    else if (isBlank(char) || '()<>"'.includes(char) || (char === ':' && !isValue)) break;
    else parts.add(char);
  }
  return [{ kind: 'word', column: start + 1, parts: parts.all(), quoted }, at];
};

const quotedAt = (text: string, start: number): readonly [Word, number] => {
  const parts = partsOf();
  for (let at = start + 1; at < text.length; at += 1) {
    const char = text[at] ?? '';
    if (char === '"') return [{ kind: 'word', column: start + 1, parts: parts.all(), quoted: true }, at + 1];
    if (char === '\\') {
      at += 1;
      parts.add(escaped(text, at));
    } else if (char === '*') parts.star();
    else parts.add(char);
  }
  throw mistakeAt(start + 1, 'this quote is never closed. Close it with ", or write \\" for a quote that is meant.');
};

/** A backslash removes the special meaning of the sign after it. */
const escaped = (text: string, at: number): string => {
  const char = text[at];
  if (char === undefined)
    throw mistakeAt(at, 'a backslash ends the question. Write \\\\ for a backslash that is meant.');
  return char;
};

const partsOf = () => {
  const parts: [string, ...string[]] = [''];
  return {
    add: (char: string) => {
      parts[parts.length - 1] += char;
    },
    /** Several stars in a row mean the same as one. */
    star: () => {
      if (parts.length === 1 || parts.at(-1) !== '') parts.push('');
    },
    all: () => parts,
  };
};

const isBlank = (char: string | undefined): boolean => char === ' ' || char === '\t' || char === '\n' || char === '\r';
