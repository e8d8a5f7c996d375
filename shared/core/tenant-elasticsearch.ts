import { bothPlaces, type Clause, dropped, type IndexedAs } from './filter-elasticsearch.ts';
import type { Tenant } from './tenants.ts';

/**
 * Clauses that let Elasticsearch leave out most events that are not a tenant's, and none that attribution (`attributeTo`) gives to it: an
 * event is a tenant's only when something of the tenant's stands in it, in one of the fields or texts that are evidence. Whoever sends them
 * still attributes every hit.
 *
 * No clause at all when that cannot be told: for too many values, for values that a number may stand for, or for texts that are indexed
 * in a form in which a part of them cannot be found.
 */
export const tenantHint = (tenant: Tenant, indexedAs: IndexedAs): Clause[] => {
  const evidence = evidenceOf(tenant);
  if (evidence === undefined) return [];
  const { ids, inUrl, domains } = evidence;
  const keywordsIn = (paths: readonly string[]) =>
    paths.filter((path) => indexedAs(path).some(({ kind }) => kind === 'keyword'));
  const withoutWords = (paths: readonly string[]) =>
    paths.filter((path) => indexedAs(path).some(({ kind, words }) => kind === 'keyword' && words === undefined));
  // A field that no index has yet may be there by the time of the search, and is a text then.
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
    // Attribution does not look at the case: what is not written in lower case is left to it.
    ...keywordsIn(idPaths).flatMap((path) => [{ terms: { [path]: ids } }, { regexp: { [path]: notInLowerCase } }]),
    ...emailKeywords.flatMap((path) => domains.map((domain) => ending(path, domain))),
    ...urlKeywords.flatMap((path) => inUrl.map((id) => anywhere(path, id))),
    // What Elasticsearch was told to index and did not, and messages that are texts.
    dropped(evidencePaths),
    { bool: { must_not: [{ exists: { field: 'message.event.action' } }] } },
  ];
  return [{ bool: { should, minimum_should_match: 1 } }];
};

const bodies = ['http.request.body', 'http.request.body.content', 'http.response.body', 'http.response.body.content'];
const membersOfBodies = (name: string): readonly string[] => bodies.map((body) => `${body}.${name}`);

const bodyPaths = bothPlaces(bodies);
const urlPaths = bothPlaces(['url.full', 'url.original']);
/** Of a body that was parsed already the members that are evidence are fields of their own. */
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

/** The fields that evidence is looked for in. */
export const evidencePaths: readonly string[] = [...idPaths, ...urlPaths, ...bodyPaths];

/** Elasticsearch 7.17 takes 1 024 words in one clause. */
const mostValues = 500;
/** Each is looked for in every URL that the index has. */
const mostScans = 16;

interface Evidence {
  /** Of organisations, users and e-mails, in lower case. */
  readonly ids: readonly string[];
  /** Those of them that may stand in a path. */
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
 * Printable ASCII that JSON writes as it is, with a word to be looked for. A number may be written in many ways (`5`, `5e0`), and what is
 * longer than 128 characters may not be indexed.
 */
const isPlain = (value: string): boolean =>
  /^[\x20-\x7e]{1,128}$/.test(value) && !/["\\]/.test(value) && Number.isNaN(Number(value)) && /[a-z0-9]/.test(value);

/**
 * One of the values stands in one of the texts: its words, one behind the other. Of a UUID the last is enough, and quicker to find.
 * Quotes keep every sign in a value from having a meaning of its own. Not lenient: a field that cannot be searched so must refuse the
 * search, which is asked without hints then, and not be passed over.
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

/** The sign of the kelvin is the one beyond ASCII that has a letter of ASCII as its small one. */
const notInLowerCase = '.*[A-Z\u212a].*';

/** JSON may write a letter as `\u0061`, which is a word of its own then. */
const escapedLetter = 'u00[2-7].*';
