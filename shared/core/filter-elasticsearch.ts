import type { Filter } from './filter.ts';

/** An Elasticsearch query clause, for `bool.filter`. */
export type Clause = Record<string, unknown>;

/**
 * Clauses that let Elasticsearch leave out most of what the filter refuses, and nothing that it accepts. Whoever sends them still
 * applies the predicate (`matcher`) to what comes back. For 7.17, 8 and 9.
 *
 * What is read is not what is mapped: a `message` that is a JSON text maps no field below it, names may be dotted, nested or at the
 * root, values may have another case, blanks around them or be lists, and the reader derives what is absent. So a clause accepts
 * a document that holds the value anywhere in the field, and every document that lacks the field. Fields whose values the reader may
 * replace or split (category, kind, type, outcome, role, status, address, URL) give no clause. The range of times is the walk's own.
 */
export const elasticsearchHint = (filter: Filter): Clause[] => [
  ...(filter.action ? textClauses('event.action', filter.action) : []),
  ...(filter.method ? textClauses('http.request.method', filter.method) : []),
];

/** One clause for a field that holds one of some texts; none when a text has letters that Elasticsearch folds in its own way. */
const textClauses = (field: string, values: readonly string[]): Clause[] => {
  if (!values.every((value) => /^[\x20-\x7e]+$/.test(value))) return [];
  const wrapped = `message.${field}`;
  const holding = [wrapped, field].flatMap((path) =>
    values.flatMap((value) => [analysed(path, value), within(path, value)]),
  );
  return [{ bool: { should: [...holding, lacks(wrapped)], minimum_should_match: 1 } }];
};

/** For fields of type `text`: the same analyzer worked on the document. */
const analysed = (path: string, value: string): Clause => ({
  match: { [path]: { query: value, operator: 'and', lenient: true } },
});

/** For fields of type `keyword`: whatever the case, and with anything around it. */
const within = (path: string, value: string): Clause => ({
  wildcard: { [path]: { value: `*${value.replace(/[\\*?]/g, '\\$&')}*`, case_insensitive: true } },
});

const lacks = (path: string): Clause => ({ bool: { must_not: [{ exists: { field: path } }] } });
