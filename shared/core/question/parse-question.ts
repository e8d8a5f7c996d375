/**
 * The language of `q`, after the Kibana Query Language: `event.action: agent_role_change and not user.roles: ADMIN`.
 *
 * ```
 * question = all { "or" all }
 * all      = one { "and" one }
 * one      = "not" one | "(" question ")" | field ":" values | field ( "<" | "<=" | ">" | ">=" ) value
 * values   = value | "(" group of values with and, or, not ")"
 * ```
 * `and`, `or`, `not` in any case; `field: *` asks whether it is there; `*` within a value stands for any text; a backslash before a sign,
 * or quotes around a value, remove its special meaning (a star in quotes keeps it: write `\*`).
 * @see https://www.elastic.co/docs/reference/query-languages/kql
 */
import { BadRequest } from '../errors.ts';
import { fieldKind, meantField } from './fields.ts';
import type { Question } from './question.ts';
import { readValue } from './read-value.ts';
import { mistakeAt, type Scanner, scan, type Token, type Word } from './scanner.ts';

export const questionLimits = { characters: 2_000, depth: 32, clauses: 100 } as const;

export interface QuestionOptions {
  /** What `now-7d` counts from, epoch ms; absent: relative times are refused. */
  readonly nowMs?: number;
}

/** @throws BadRequest `q`: the column, what was expected there, what to write */
export const parseQuestion = (text: string, options: QuestionOptions = {}): Question => {
  if (text.length > questionLimits.characters)
    throw new BadRequest(
      'q',
      `has ${text.length} characters; at most ${questionLimits.characters} are allowed. Ask for less, or ask twice.`,
    );
  const parser = parserOf(scan(text), options);
  const question = parser.question(0);
  parser.end();
  return question;
};

const parserOf = (scanner: Scanner, options: QuestionOptions) => {
  let clauses = 0;

  /** `left op right op …`, each side by `side`; one side alone is itself. */
  const chain = (kind: 'and' | 'or', place: 'value' | undefined, side: () => Question): Question => {
    const first = side();
    const others: Question[] = [];
    while (isKeyword(scanner.peek(place), kind)) {
      scanner.take();
      others.push(side());
    }
    const [second, ...rest] = others;
    return second === undefined ? first : { kind, of: [first, second, ...rest] };
  };

  const deeper = (depth: number, { column }: Token): number => {
    if (depth < questionLimits.depth) return depth + 1;
    throw mistakeAt(column, `deeper than ${questionLimits.depth} levels. Take some parentheses or nots away.`);
  };

  const question = (depth: number): Question => chain('or', undefined, () => chain('and', undefined, () => one(depth)));

  const one = (depth: number): Question => {
    const token = scanner.peek();
    if (isKeyword(token, 'not')) {
      scanner.take();
      return { kind: 'not', of: one(deeper(depth, token)) };
    }
    if (token.kind === '(') {
      scanner.take();
      const inner = question(deeper(depth, token));
      close(token.column);
      return inner;
    }
    if (token.kind !== 'word' || keywordOf(token)) throw expected(token, 'a field, not or "("');
    scanner.take();
    return clause(fieldOf(token), depth);
  };

  const clause = (field: string, depth: number): Question => {
    const token = scanner.peek();
    switch (token.kind) {
      case ':':
        scanner.take();
        return values(field, depth);
      case '<':
      case '<=':
      case '>':
      case '>=':
        scanner.take();
        return leaf(field, token.kind);
      default:
        throw expected(token, `":" or a comparison behind ${field}`);
    }
  };

  const values = (field: string, depth: number): Question => {
    const token = scanner.peek('value');
    if (token.kind !== '(') return leaf(field, ':');
    scanner.take();
    const group = valueGroup(field, deeper(depth, token));
    close(token.column);
    return group;
  };

  const valueGroup = (field: string, depth: number): Question =>
    chain('or', 'value', () => chain('and', 'value', () => valueOne(field, depth)));

  const valueOne = (field: string, depth: number): Question => {
    const token = scanner.peek('value');
    if (!isKeyword(token, 'not')) return values(field, depth);
    scanner.take();
    return { kind: 'not', of: valueOne(field, deeper(depth, token)) };
  };

  const leaf = (field: string, operator: ':' | '<' | '<=' | '>' | '>='): Question => {
    const token = scanner.peek('value');
    if (token.kind !== 'word' || keywordOf(token)) throw expected(token, `a value for ${field}`);
    scanner.take();
    clauses += 1;
    if (clauses > questionLimits.clauses)
      throw mistakeAt(token.column, `more than ${questionLimits.clauses} values. Ask for fewer, or use a wildcard.`);
    return readValue(field, operator, token, options);
  };

  const close = (opened: number): void => {
    const token = scanner.peek();
    if (token.kind !== ')') throw expected(token, `")" for the "(" of column ${opened}, and or or`);
    scanner.take();
  };

  const end = (): void => {
    const token = scanner.peek();
    if (token.kind !== 'end') throw expected(token, 'and, or or the end; put quotes around a value that holds blanks');
  };

  return { question, end };
};

/** @throws BadRequest for an unknown field, with the nearest known one */
const fieldOf = ({ column, parts }: Word): string => {
  const name = parts.join('*');
  if (fieldKind(name) !== undefined) return name;
  const meant = meantField(name);
  const shown = JSON.stringify(name.slice(0, 60));
  throw mistakeAt(
    column,
    meant === undefined
      ? `there is no field ${shown}. Write field: value, with a field of GET /v1/fields.`
      : `there is no field ${shown}. Did you mean ${meant}?`,
  );
};

const keywords: readonly string[] = ['and', 'or', 'not'];

const keywordOf = (token: Token): string | undefined => {
  if (token.kind !== 'word' || token.quoted || token.parts.length > 1) return undefined;
  const word = token.parts[0].toLowerCase();
  return keywords.includes(word) ? word : undefined;
};

const isKeyword = (token: Token, keyword: 'and' | 'or' | 'not'): boolean => keywordOf(token) === keyword;

const expected = (token: Token, what: string): BadRequest =>
  mistakeAt(token.column, `expected ${what}; found ${foundText(token)}.`);

const foundText = (token: Token): string => {
  if (token.kind === 'end') return 'the end';
  return JSON.stringify(token.kind === 'word' ? token.parts.join('*').slice(0, 60) : token.kind);
};
