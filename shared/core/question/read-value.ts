/** Turns a written value into a leaf, by the kind of its field. */
import { canonicalBlock } from '../filter-address.ts';
import { parseBound } from '../filter-time.ts';
import { fieldKind } from './fields.ts';
import type { Leaf } from './question.ts';
import { mistakeAt, type Word } from './scanner.ts';

type Operator = ':' | '<' | '<=' | '>' | '>=';

const mostStars = 10;

/** @throws BadRequest `q` when the value is not of the field's kind, or the comparison is not possible for that kind */
export const readValue = (
  field: string,
  operator: Operator,
  word: Word,
  { nowMs }: { readonly nowMs?: number },
): Leaf => {
  if (operator === ':' && isStar(word)) return { kind: 'exists', field };
  const kind = fieldKind(field) ?? 'text';
  switch (kind) {
    case 'text':
      return textLeaf(field, operator, word);
    case 'address':
      return addressLeaf(field, operator, word);
    case 'number':
      return numberLeaf(field, operator, word);
    case 'time':
      return timeLeaf(field, operator, word, nowMs);
    default:
      return kind satisfies never;
  }
};

const isStar = ({ parts, quoted }: Word): boolean => !quoted && parts.length === 2 && parts.join('') === '';

const textOf = ({ parts }: Word): string => parts.join('*');
const shown = (word: Word): string => JSON.stringify(textOf(word).slice(0, 60));

const textLeaf = (field: string, operator: Operator, word: Word): Leaf => {
  if (operator !== ':')
    throw mistakeAt(word.column, `${field} holds texts, which ${operator} does not compare. Write ${field}: value.`);
  if (word.parts.length - 1 > mostStars)
    throw mistakeAt(word.column, `${word.parts.length - 1} stars in one value; at most ${mostStars} are allowed.`);
  const [first, ...others] = word.parts;
  return { kind: 'text', field, parts: [first.toLowerCase(), ...others.map((part) => part.toLowerCase())] };
};

const addressLeaf = (field: string, operator: Operator, word: Word): Leaf => {
  const block = operator === ':' && word.parts.length === 1 ? canonicalBlock(word.parts[0]) : undefined;
  if (block !== undefined) return { kind: 'address', field, block };
  throw mistakeAt(
    word.column,
    `${field} holds addresses; got ${shown(word)}. Write ${field}: 203.0.113.7, ${field}: 203.0.113.0/24 or ${field}: "2001:db8::/32".`,
  );
};

const numberLeaf = (field: string, operator: Operator, word: Word): Leaf => {
  const text = textOf(word);
  const number = /^-?\d{1,15}(\.\d{1,9})?$/.test(text) ? Number(text) : undefined;
  if (number === undefined)
    throw mistakeAt(word.column, `${field} holds numbers; got ${shown(word)}. Write ${field} >= 400.`);
  switch (operator) {
    case ':':
      return { kind: 'number', field, from: number, to: number };
    case '<':
      return { kind: 'number', field, to: number, open: 'to' };
    case '<=':
      return { kind: 'number', field, to: number };
    case '>':
      return { kind: 'number', field, from: number, open: 'from' };
    case '>=':
      return { kind: 'number', field, from: number };
    default:
      return operator satisfies never;
  }
};

/** A time stands for the whole span of its precision: `: 2026-05-05` is that day, `> 2026-05-05` begins after it. */
const timeLeaf = (field: string, operator: Operator, word: Word, nowMs: number | undefined): Leaf => {
  const text = textOf(word);
  const first = parseBound(text, 'from', nowMs);
  const last = parseBound(text, 'to', nowMs);
  if (first === undefined || last === undefined)
    throw mistakeAt(
      word.column,
      `${field} holds times; got ${shown(word)}. Write ${field} >= 2026-05-05T09:00:00Z, a day, ${nowMs === undefined ? 'without now: what is asked for ever needs fixed times' : 'or now-7d'}.`,
    );
  switch (operator) {
    case ':':
      return { kind: 'time', field, from: first, to: last };
    case '<':
      return { kind: 'time', field, to: first, open: 'to' };
    case '<=':
      return { kind: 'time', field, to: last };
    case '>':
      return { kind: 'time', field, from: last, open: 'from' };
    case '>=':
      return { kind: 'time', field, from: first };
    default:
      return operator satisfies never;
  }
};
