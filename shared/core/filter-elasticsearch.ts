import type { Filter } from './filter.ts';
import type { Bounds, Leaf, Question } from './question/question.ts';
import { unauthenticatedActions } from './reading/people.ts';
import { redacted } from './reading/redact.ts';

/** An Elasticsearch query clause, for `bool.filter`. */
export type Clause = Record<string, unknown>;

/** The ways in which a field is indexed: several if the indices of a pattern differ, none if no index has the field. */
export type IndexedAs = (path: string) => readonly Indexed[];

export interface Indexed {
  /** `other`: indexed in a way in which clauses do not find every value. */
  readonly kind: 'text' | 'keyword' | 'ip' | 'other';
  /** Path of the field in which its words can be searched: the field itself or a subfield; absent if it is a keyword only. */
  readonly words?: string;
}

/**
 * Clauses that let Elasticsearch leave out most events that the filter refuses, and none that it accepts. The caller must still apply the
 * predicate (`matcher`) to the answer. For 7.17, 8 and 9.
 *
 * The reader finds more than the mapping shows: a `message` that is a JSON text maps no field below it; names may be dotted, nested or at
 * the root; values may have another case, blanks around them or be lists; and the reader derives absent fields. So a clause accepts every
 * document that holds the value anywhere in the field, and every document in which this cannot be decided. A field may be mapped as text,
 * as keyword or as a number, in each index of a pattern differently. There are no clauses for category, kind, type and URL, which the
 * reader may rewrite; for IPv6 addresses, which are written in many ways; and for time, because the walk has a range of its own.
 */
export const elasticsearchHint = ({ question, ...filter }: Filter, indexedAs: IndexedAs): Clause[] => [
  ...parameterHints(filter, indexedAs),
  ...(question && leavesOf(question) <= mostHinted ? both([coverOf(question, indexedAs)]) : []),
];

/**
 * A leaf makes up to 41 clauses, and Elasticsearch 7.17 accepts 1 024. A question with more leaves than this gets no clauses and is left to
 * the predicate.
 */
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
 * A clause that matches at least every document the question accepts (it may match more); `undefined` if such a clause would leave nothing
 * out. A `not` cannot be covered: the complement of a superset may miss documents.
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
      return question.field === 'http.response.status_code' ? anyOf(statusIn(statusRanges(question))) : undefined;
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

/** For whole values only: it is not known into which words an analyzer cuts a text, so a pattern is left to the predicate. */
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

/**
 * Three digits on either side, as every status has that the reader knows (100 to 999): in an index of texts `204` sorts before `99`.
 * @returns none when no status lies within the bounds
 */
const statusRanges = ({ from = 100, to = 999 }: Bounds<number>): readonly Range[] => {
  const [first, last] = [Math.max(Math.ceil(from), 100), Math.min(Math.floor(to), 999)];
  if (first > last) return [];
  return [last === 999 ? { gte: first } : { gte: first, lt: last + 1 }];
};

/**
/**
 * Whether Elasticsearch finds this text wherever it is indexed: it folds the case of ASCII letters only, indexes no word of a text without a
 * letter or digit, and keeps a number as it was written (`5e0`, or more digits than the reader shows).
 */
export const isFindable = (text: string): boolean =>
  /^[\x20-\x7e]+$/.test(text) && /[a-z0-9]/i.test(text) && Number.isNaN(Number(text));

/** Whether clauses can find the values. A value with the redaction constant stands for text that the document holds unredacted. */
const isPlain = (values: readonly string[]): boolean =>
  values.every((value) => isFindable(value) && !value.toLowerCase().includes(redacted.toLowerCase()));

/** Actions before a login name no user; the reader takes the user from the body. So documents of these actions are accepted too. */
const userClause = (user: readonly string[]): Clause =>
  anyOf([
    ...['user.id', 'user.email'].flatMap((field) => holding(field, user)),
    ...holding('event.action', unauthenticatedActions),
    lacks('message.event.action'),
    dropped(bothPlaces(['user.id', 'user.email'])),
  ]);

/** The role may be one of a list, or of a text with commas. */
const roleClause = (roles: readonly string[]): Clause | undefined =>
  isPlain(roles)
    ? anyOf([...holding('user.roles', roles), lacks('message.event.action'), dropped(bothPlaces(['user.roles']))])
    : undefined;

/** The fields from which the address in `source.ip` and `related.ip` is read. */
export const addressPaths: readonly string[] = ['source.ip', 'source.address'].flatMap((field) => [
  `message.${field}`,
  field,
]);

/**
 * An IPv4 address stands in the document in the spelling that is asked for, perhaps with a host, a port or a list around it, or in an IPv6
 * address that begins with `::ffff:`. Of a block only the bits of its whole numbers are searched; the predicate decides on the rest.
 * @returns `undefined` for IPv6 and for blocks of less than eight bits
 */
const addressClause = (blocks: readonly string[], indexedAs: IndexedAs): Clause | undefined => {
  const beginnings = both(blocks.map(beginningOf));
  if (beginnings.length < blocks.length) return undefined;
  const clauses = addressPaths.map((path) => {
    const kinds = new Set(indexedAs(path).map(({ kind }) => kind));
    if (kinds.has('other') || (kinds.has('ip') && kinds.size > 1)) return undefined;
    if (kinds.has('ip')) return blocks.map((block) => ({ term: { [path]: block } }));
    // A field that no index has yet may exist by the time of the search, and is then mapped as text.
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
 * A range finds numbers (`404`) and texts (`404 Not Found`) alike. Texts that do not begin with a digit sort outside of 100 to 999; they
 * are accepted too, because the reader may find a status in them.
 */
const statusIn = (ranges: readonly Range[]): Clause[] => {
  const path = 'http.response.status_code';
  const bounds = [...ranges, { lt: 100 }, { gt: 999 }];
  const inBounds = [`message.${path}`, path].flatMap((at) => bounds.map((range) => ({ range: { [at]: range } })));
  return [...inBounds, lacks(`message.${path}`)];
};

/**
 * The outcome `failure` is written in the document, or derived from the status. The same holds for success, but a clause for it would leave
 * out too little to be worth it.
 */
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

/** For fields of type `text`: the query is analyzed like the document. */
const analysed = (path: string, value: string): Clause => ({
  match: { [path]: { query: value, operator: 'and', lenient: true } },
});

/** For fields of type `keyword`: finds the value in any case, with any text around it. */
const within = (path: string, value: string): Clause => ({
  wildcard: { [path]: { value: `*${value.replace(/[\\*?]/g, '\\$&')}*`, case_insensitive: true } },
});

/** With and without `message.` in front. */
export const bothPlaces = (fields: readonly string[]): readonly string[] =>
  fields.flatMap((field) => [`message.${field}`, field]);

/**
 * Finds documents in which a value of one of these fields was not indexed: too long, of another type, or beyond the limit of fields; in the
 * last case `_ignored` may name the object around the field.
 * @see https://www.elastic.co/docs/reference/elasticsearch/mapping-reference/mapping-ignored-field
 */
export const dropped = (paths: readonly string[]): Clause => ({ terms: { _ignored: [...andAbove(paths)] } });

/** The paths and everything above them. */
export const andAbove = (paths: Iterable<string>): ReadonlySet<string> =>
  new Set([...paths].flatMap((path) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.'))));

const lacks = (path: string): Clause => ({ bool: { must_not: [{ exists: { field: path } }] } });

const anyOf = (should: readonly Clause[]): Clause => ({ bool: { should, minimum_should_match: 1 } });
