import type { Filter } from './filter.ts';
import type { Bounds, Leaf, Question } from './question/question.ts';
import { unauthenticatedActions } from './reading/people.ts';
import { redacted } from './reading/redact.ts';

/** An Elasticsearch query clause, for `bool.filter`. */
export type Clause = Record<string, unknown>;

/** How a field is indexed where it is: in several ways when the indices of a pattern differ, in none when no index has it. */
export type IndexedAs = (path: string) => readonly Indexed[];

export interface Indexed {
  /** `other`: in a way in which clauses do not find all. */
  readonly kind: 'text' | 'keyword' | 'ip' | 'other';
  /** Where its words can be looked for: the field itself or one beside it; absent for keywords alone. */
  readonly words?: string;
}

/**
 * Clauses that let Elasticsearch leave out most of what the filter refuses, and nothing that it accepts. Whoever sends them still
 * applies the predicate (`matcher`) to what comes back. For 7.17, 8 and 9.
 *
 * What is read is not what is mapped: a `message` that is a JSON text maps no field below it, names may be dotted, nested or at the
 * root, values may have another case, blanks around them or be lists, and the reader derives what is absent. So a clause accepts
 * every document that holds the value anywhere in the field, and every document of which it cannot tell. A field may be mapped as text,
 * as keyword or as a number, in each index of a pattern differently. Category, kind, type and URL, which the reader may rewrite, give no
 * clause, nor do addresses of IPv6, which are written in many ways, nor does time: the walk has a range of its own.
 */
export const elasticsearchHint = ({ question, ...filter }: Filter, indexedAs: IndexedAs): Clause[] => [
  ...parameterHints(filter, indexedAs),
  ...(question && leavesOf(question) <= mostHinted ? both([coverOf(question, indexedAs)]) : []),
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

const parameterHints = (
  { action, method, user, role, ip, status, outcome }: Filter,
  indexedAs: IndexedAs,
): Clause[] => [
  ...(action && isPlain(action) ? [anyOf([...holding('event.action', action), lacks('message.event.action')])] : []),
  ...(method && isPlain(method)
    ? [anyOf([...holding('http.request.method', method), lacks('message.http.request.method')])]
    : []),
  ...(user && isPlain(user) ? [userClause(user)] : []),
  ...both([role && roleClause(role), ip && addressClause(ip, indexedAs)]),
  ...(status ? [anyOf(statusIn(status.map(rangeOf)))] : []),
  ...(outcome?.join() === 'failure' ? [failureClause()] : []),
];

/**
 * A clause that every document fits whose event the question accepts; `undefined` when no such clause leaves anything out. What a `not`
 * accepts is what its inside refuses, and of that a superset says nothing.
 */
const coverOf = (question: Question, indexedAs: IndexedAs): Clause | undefined => {
  const covers = (of: readonly Question[]) => of.map((each) => coverOf(each, indexedAs));
  switch (question.kind) {
    case 'and': {
      const filter = both(covers(question.of));
      return filter.length === 0 ? undefined : { bool: { filter } };
    }
    case 'or': {
      const should = both(covers(question.of));
      return should.length < question.of.length ? undefined : anyOf(should);
    }
    case 'not':
      return undefined;
    case 'text':
      return textCover(question);
    case 'number':
      return question.field === 'http.response.status_code' ? anyOf(statusIn([statusRange(question)])) : undefined;
    case 'address':
      return addressClause([question.block], indexedAs);
    case 'exists':
    case 'time':
      return undefined;
    default:
      return question satisfies never;
  }
};

const both = <Given>(clauses: readonly (Given | undefined)[]): Given[] =>
  clauses.filter((clause) => clause !== undefined);

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
    case 'user.roles':
      return roleClause(parts);
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
    dropped(bothPlaces(['user.id', 'user.email'])),
  ]);

/** One of a list, or of a text with commas. A number may be written in many ways. */
const roleClause = (roles: readonly string[]): Clause | undefined =>
  isPlain(roles) && roles.every((role) => Number.isNaN(Number(role)))
    ? anyOf([...holding('user.roles', roles), lacks('message.event.action'), dropped(bothPlaces(['user.roles']))])
    : undefined;

/** Where the address of `source.ip` and `related.ip` is read from. */
export const addressPaths: readonly string[] = ['source.ip', 'source.address'].flatMap((field) => [
  `message.${field}`,
  field,
]);

/**
 * An address of IPv4 stands in the document as it is asked for, with or without a host, a port or a list around it, or in an address of
 * IPv6 that begins with `::ffff:`. Blocks narrower than what their whole numbers say are left to the predicate.
 * @returns `undefined` for IPv6 and for blocks of less than eight bits
 */
const addressClause = (blocks: readonly string[], indexedAs: IndexedAs): Clause | undefined => {
  const beginnings = both(blocks.map(beginningOf));
  if (beginnings.length < blocks.length) return undefined;
  const clauses = addressPaths.map((path) => {
    const kinds = new Set(indexedAs(path).map(({ kind }) => kind));
    if (kinds.has('other') || (kinds.has('ip') && kinds.size > 1)) return undefined;
    if (kinds.has('ip')) return blocks.map((block) => ({ term: { [path]: block } }));
    // What no index has may be there by the time of the search, and is a text then.
    return [...beginnings, 'ffff'].map((text) => within(path, text));
  });
  const known = both(clauses);
  if (known.length < clauses.length) return undefined;
  return anyOf([...known.flat(), lacks('message.event.action'), dropped(addressPaths)]);
};

const beginningOf = (block: string): string | undefined => {
  const [address = '', bits = '32'] = block.split('/');
  const numbers = Math.floor(Number(bits) / 8);
  if (address.includes(':') || numbers === 0) return undefined;
  return numbers === 4 ? address : `${address.split('.').slice(0, numbers).join('.')}.`;
};

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
const failureClause = (): Clause =>
  anyOf([
    ...holding('event.outcome', ['failure']),
    ...statusIn([{ gte: 400 }]),
    dropped(bothPlaces(['event.outcome'])),
  ]);

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

/** With and without `message.` in front. */
export const bothPlaces = (fields: readonly string[]): readonly string[] =>
  fields.flatMap((field) => [`message.${field}`, field]);

/**
 * What the document holds in one of these fields was not indexed: too long, of another type, or one field too many, when the name may be
 * that of the object around it.
 * @see https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-ignored-field
 */
export const dropped = (paths: readonly string[]): Clause => ({ terms: { _ignored: [...andAbove(paths)] } });

/** The paths and everything above them. */
export const andAbove = (paths: Iterable<string>): ReadonlySet<string> =>
  new Set([...paths].flatMap((path) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.'))));

const lacks = (path: string): Clause => ({ bool: { must_not: [{ exists: { field: path } }] } });

const anyOf = (should: readonly Clause[]): Clause => ({ bool: { should, minimum_should_match: 1 } });
