import type { Filter } from './filter.ts';
import type { Bounds, Leaf, Question } from './question/question.ts';
import { unauthenticatedActions } from './reading/people.ts';
import { redacted } from './reading/redact.ts';

/** An Elasticsearch query clause, for `bool.filter`. */
export type Clause = Record<string, unknown>;

/**
 * Clauses that let Elasticsearch leave out most of what the filter refuses, and nothing that it accepts. Whoever sends them still
 * applies the predicate (`matcher`) to what comes back. For 7.17, 8 and 9.
 *
 * What is read is not what is mapped: a `message` that is a JSON text maps no field below it, names may be dotted, nested or at the
 * root, values may have another case, blanks around them or be lists, and the reader derives what is absent. So a clause accepts
 * every document that holds the value anywhere in the field, and every document of which it cannot tell. A field may be mapped as text,
 * as keyword or as a number, in each index of a pattern differently. Category, kind, type, role, address and URL, which the reader
 * may rewrite, give no clause, nor does time: the walk has a range of its own.
 */
export const elasticsearchHint = ({ question, ...filter }: Filter): Clause[] => [
  ...parameterHints(filter),
  ...(question && leavesOf(question) <= mostHinted ? both([coverOf(question)]) : []),
];

/** A leaf makes up to 41 clauses, and Elasticsearch 7.17 takes 1 024: a longer question is left to the predicate. */
const mostHinted = 20;

const leavesOf = (question: Question): number => {
  switch (question.kind) {
    case 'and':
    case 'or':
      return question.of.reduce((sum, each) => sum + leavesOf(each), 0);
    case 'not':
      return leavesOf(question.of);
    default:
      return 1;
  }
};

const parameterHints = ({ action, method, user, status, outcome }: Filter): Clause[] => [
  ...(action && isPlain(action) ? [anyOf([...holding('event.action', action), lacks('message.event.action')])] : []),
  ...(method && isPlain(method)
    ? [anyOf([...holding('http.request.method', method), lacks('message.http.request.method')])]
    : []),
  ...(user && isPlain(user) ? [userClause(user)] : []),
  ...(status ? [anyOf(statusIn(status.map(rangeOf)))] : []),
  ...(outcome?.join() === 'failure' ? [failureClause()] : []),
];

/**
 * A clause that every document fits whose event the question accepts; `undefined` when no such clause leaves anything out. What a `not`
 * accepts is what its inside refuses, and of that a superset says nothing.
 */
const coverOf = (question: Question): Clause | undefined => {
  switch (question.kind) {
    case 'and': {
      const filter = both(question.of.map(coverOf));
      return filter.length === 0 ? undefined : { bool: { filter } };
    }
    case 'or': {
      const covers = question.of.map(coverOf);
      const should = both(covers);
      return should.length < covers.length ? undefined : anyOf(should);
    }
    case 'not':
      return undefined;
    case 'text':
      return textCover(question);
    case 'number':
      return question.field === 'http.response.status_code' ? anyOf(statusIn([statusRange(question)])) : undefined;
    case 'exists':
    case 'address':
    case 'time':
      return undefined;
    default:
      return question satisfies never;
  }
};

const both = (clauses: readonly (Clause | undefined)[]): Clause[] => clauses.filter((clause) => clause !== undefined);

/** Whole values only: how an analyzer cut a long text is not known, so a pattern is left to the predicate. */
const textCover = ({ field, parts }: Extract<Leaf, { kind: 'text' }>): Clause | undefined => {
  if (parts.length > 1 || parts[0] === '' || !isPlain(parts)) return undefined;
  switch (field) {
    case 'event.action':
    case 'http.request.method':
      return anyOf([...holding(field, parts), lacks(`message.${field}`)]);
    case 'user.id':
    case 'user.email':
      return userClause(parts);
    case 'event.outcome':
      return parts[0] === 'failure' ? failureClause() : undefined;
    default:
      return undefined;
  }
};

const statusRange = ({ from, to }: Bounds<number>): Range =>
  to === undefined || to >= 999 ? { gte: from ?? 0 } : { gte: from ?? 0, lt: Math.floor(to) + 1 };

/** Elasticsearch folds the case of ASCII letters only; and what the reader replaced is not in the document. */
const isPlain = (values: readonly string[]): boolean =>
  values.every((value) => /^[\x20-\x7e]+$/.test(value) && !value.toLowerCase().includes(redacted.toLowerCase()));

/** Actions of people who are not logged in yet name no user; the reader finds one in their bodies. */
const userClause = (user: readonly string[]): Clause =>
  anyOf([
    ...['user.id', 'user.email'].flatMap((field) => holding(field, user)),
    ...holding('event.action', unauthenticatedActions),
    lacks('message.event.action'),
  ]);

interface Range {
  readonly gte: number;
  readonly lt?: number;
}

const rangeOf = (status: string): Range => {
  const first = Number(status.replace(/xx$/i, '00'));
  const end = first + (first === Number(status) ? 1 : 100);
  // As a text, 1000 would sort before every status.
  return end < 1_000 ? { gte: first, lt: end } : { gte: first };
};

/**
 * Ranges mean the same to numbers (`404`) and to texts (`404 Not Found`). Texts that begin with anything but a digit sort outside
 * 100 to 999; the reader may still find a status in them.
 */
const statusIn = (ranges: readonly Range[]): Clause[] => {
  const path = 'http.response.status_code';
  const bounds = [...ranges, { lt: 100 }, { gt: 999 }];
  const inBounds = [`message.${path}`, path].flatMap((at) => bounds.map((range) => ({ range: { [at]: range } })));
  return [...inBounds, lacks(`message.${path}`)];
};

/** A failure is called so, or it is derived from the status. The same is true of successes, but leaving out failures saves nothing. */
const failureClause = (): Clause => anyOf([...holding('event.outcome', ['failure']), ...statusIn([{ gte: 400 }])]);

const holding = (field: string, values: readonly string[]): Clause[] =>
  [`message.${field}`, field].flatMap((path) =>
    values.flatMap((value) => [analysed(path, value), within(path, value)]),
  );

/** For fields of type `text`: the same analyzer worked on the document. */
const analysed = (path: string, value: string): Clause => ({
  match: { [path]: { query: value, operator: 'and', lenient: true } },
});

/** For fields of type `keyword`: whatever the case, and with anything around it. */
const within = (path: string, value: string): Clause => ({
  wildcard: { [path]: { value: `*${value.replace(/[\\*?]/g, '\\$&')}*`, case_insensitive: true } },
});

const lacks = (path: string): Clause => ({ bool: { must_not: [{ exists: { field: path } }] } });

const anyOf = (should: readonly Clause[]): Clause => ({ bool: { should, minimum_should_match: 1 } });
