import type { Filter } from './filter.ts';
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
export const elasticsearchHint = ({ action, method, user, status, outcome }: Filter): Clause[] => [
  ...(action && isPlain(action) ? [anyOf([...holding('event.action', action), lacks('message.event.action')])] : []),
  ...(method && isPlain(method)
    ? [anyOf([...holding('http.request.method', method), lacks('message.http.request.method')])]
    : []),
  ...(user && isPlain(user) ? [userClause(user)] : []),
  ...(status ? [anyOf(statusIn(status.map(rangeOf)))] : []),
  ...(outcome?.join() === 'failure' ? [failureClause()] : []),
];

/** Elasticsearch folds the case of ASCII letters only; and what the reader replaced is not in the document. */
const isPlain = (values: readonly string[]): boolean =>
  values.every((value) => /^[\x20-\x7e]+$/.test(value) && !value.toLowerCase().includes(redacted.toLowerCase()));

/** Actions of people who are not logged in yet name no user; the reader finds one in their bodies. */
const userClause = (user: readonly string[]): Clause =>
  anyOf([
    ...holding('user.id', user),
    ...holding('user.email', user),
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
