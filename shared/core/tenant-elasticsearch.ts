import { bothPlaces, type Clause, dropped, type IndexedAs, isFindable } from './filter-elasticsearch.ts';
import type { Tenant } from './tenants.ts';

/**
 * Clauses that let Elasticsearch leave out most events of other tenants, and none that attribution (`attributeTo`) gives to this tenant: an
 * event belongs to a tenant only if a value of the tenant stands in one of the fields or texts that are evidence. The caller must still
 * attribute every hit.
 *
 * There is no clause if that cannot be decided: if there are too many values, if a value could also be written as a number, or if texts are
 * indexed in a way in which a part of them cannot be found.
 */
export const tenantHint = (tenant: Tenant, indexedAs: IndexedAs): Clause[] => {
  const evidence = evidenceOf(tenant);
  if (evidence === undefined) return [];
  const { ids, inUrl, domains } = evidence;
  const keywordsIn = (paths: readonly string[]) =>
    paths.filter((path) => indexedAs(path).some(({ kind }) => kind === 'keyword'));
  const withoutWords = (paths: readonly string[]) =>
    paths.filter((path) => indexedAs(path).some(({ kind, words }) => kind === 'keyword' && words === undefined));
  // A field that no index has yet may exist by the time of the search, and is then mapped as text.
  const wordsOf = (path: string) => {
    const ways = indexedAs(path);
    return ways.length === 0 ? [path] : ways.flatMap(({ words }) => words ?? []);
  };
  const emailKeywords = keywordsIn(emailPaths);
  const urlKeywords = withoutWords(urlPaths);
  const scans = [emailKeywords.length > 0 ? domains : [], urlKeywords.length > 0 ? inUrl : []];
  if (withoutWords(bodyPaths).length > 0 || scans.some(({ length }) => length > mostScans)) return [];

  const should: readonly Clause[] = [
    ...tenant.indices.map((pattern) => ({ wildcard: { _index: { value: `*${pattern}*` } } })),
    ...oneOf([...ids, ...domains], evidencePaths.flatMap(wordsOf)),
    ...bodyPaths.flatMap(wordsOf).map((path) => ({ regexp: { [path]: escapedLetter } })),
    // Attribution ignores case, so documents whose value is not in lower case are accepted and left to it.
    ...keywordsIn(idPaths).flatMap((path) => [{ terms: { [path]: ids } }, { regexp: { [path]: notInLowerCase } }]),
    ...emailKeywords.flatMap((path) => domains.map((domain) => ending(path, domain))),
    ...urlKeywords.flatMap((path) => inUrl.map((id) => anywhere(path, id))),
    // Accepted too: documents of which Elasticsearch did not index such a field, and documents whose `message` is a text.
    dropped(evidencePaths),
    { bool: { must_not: [{ exists: { field: 'message.event.action' } }] } },
  ];
  return [{ bool: { should, minimum_should_match: 1 } }];
};

const bodies = ['http.request.body', 'http.request.body.content', 'http.response.body', 'http.response.body.content'];
const membersOfBodies = (name: string): readonly string[] => bodies.map((body) => `${body}.${name}`);

const bodyPaths = bothPlaces(bodies);
const urlPaths = bothPlaces(['url.full', 'url.original']);
/** If a body was parsed before indexing, its members that are evidence are fields of their own. */
const emailPaths = bothPlaces(['user.email', ...membersOfBodies('email')]);
const idPaths = [
  ...bothPlaces([
    'organization.id',
    'user.id',
    'user.target.id',
    ...membersOfBodies('orgId'),
    ...membersOfBodies('id'),
  ]),
  ...emailPaths,
];

/** The fields that may hold evidence. */
export const evidencePaths: readonly string[] = [...idPaths, ...urlPaths, ...bodyPaths];

/** Elasticsearch 7.17 accepts 1 024 words in one clause. */
const mostValues = 500;
/** Each such value is compared with every URL or address of the index, so there may be only few. */
const mostScans = 16;

interface Evidence {
  /** Ids of organisations and users, and e-mail addresses, in lower case. */
  readonly ids: readonly string[];
  /** Those `ids` that may stand in the path of a URL. */
  readonly inUrl: readonly string[];
  readonly domains: readonly string[];
}

const evidenceOf = (tenant: Tenant): Evidence | undefined => {
  const { organizations, users, emails, emailDomains } = tenant;
  const lower = (values: readonly string[]) => [...new Set(values.map((value) => value.toLowerCase()))];
  const [ids, domains] = [lower([...organizations, ...users, ...emails]), lower(emailDomains)];
  if (ids.length + domains.length > mostValues || ![...ids, ...domains].every(isPlain)) return undefined;
  return { ids, inUrl: ids.filter((id) => uuid.test(id)), domains };
};

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whether a value can be searched for in JSON texts as well: JSON needs not escape it. At most 128 characters, because longer keywords may not
 * be indexed.
 */
const isPlain = (value: string): boolean => isFindable(value) && value.length <= 128 && !/["\\]/.test(value);

/**
 * One of the values stands in one of the texts, with its words in a row. For a UUID the last word is enough, and quicker to find. Quotes
 * take the special meaning from every sign in a value. The query is not lenient: a field that cannot be searched this way must fail the
 * search, which is then repeated without hints, rather than be skipped.
 * @see https://www.elastic.co/docs/reference/query-languages/query-dsl/query-dsl-simple-query-string-query
 */
const oneOf = (values: readonly string[], fields: readonly string[]): readonly Clause[] => {
  const query = values.map((value) => `"${uuid.test(value) ? value.slice(-12) : value}"`).join(' ');
  return values.length === 0 ? [] : [{ simple_query_string: { query, fields } }];
};

const ending = (path: string, text: string): Clause => ({
  wildcard: { [path]: { value: `*${text.replace(/[*?]/g, '\\$&')}` } },
});

const anywhere = (path: string, text: string): Clause => ({
  wildcard: { [path]: { value: `*${text}*`, case_insensitive: true } },
});

/** U+212A (KELVIN SIGN) is the only non-ASCII character whose lower case is an ASCII letter. */
const notInLowerCase = '.*[A-Z\u212a].*';

/** JSON may write a letter as `\u0061`, which the analyzer then takes for a word. */
const escapedLetter = 'u00[2-7].*';
