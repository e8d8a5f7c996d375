/** How the indices of a pattern are mapped, as far as hints depend on it. */
import { addressPaths, type Indexed, type IndexedAs } from '../../core/filter-elasticsearch.ts';
import { evidencePaths } from '../../core/tenant-elasticsearch.ts';
import { isJson, type Json, verdictOnFacts } from './answers.ts';
import type { WalkSettings } from './walk-settings.ts';

export interface Layout {
  readonly indexedAs: IndexedAs;
}

/** Short, since a field that was not mapped yet may be by now; long enough for the pages of an answer. */
const rememberMs = 10_000;
/** Where the server needs long to write its mappings, they are asked for more seldom: a twentieth of the time at most. */
const rest = 20;
/** Without hints an answer is as right: it is not worth a long wait. */
const mostWaitMs = 3_000;

/**
 * The mapping as it was at most ten seconds ago; `undefined` where it cannot be read, or is one in which a document may hold what no clause
 * finds: then everything is read and the predicate decides. Questions of one moment share one request.
 */
export const layoutReader = (settings: WalkSettings): (() => Promise<Layout | undefined>) => {
  const { clock } = settings;
  let known: { readonly layout: Promise<Layout | undefined>; untilMs: number } | undefined;
  return () => {
    const askedMs = clock.nowMs();
    if (known && askedMs < known.untilMs) return known.layout;
    const asked = { layout: readLayout(settings), untilMs: Number.POSITIVE_INFINITY };
    known = asked;
    void asked.layout.finally(() => {
      asked.untilMs = Math.max(askedMs + rememberMs, clock.nowMs() + rest * (clock.nowMs() - askedMs));
    });
    return asked.layout;
  };
};

const parts = ['event', 'http', 'organization', 'source', 'url', 'user'];
const atRoot = '*.mappings';
const inMessage = '*.mappings.properties.message';
const wanted = [
  '*.settings.index.analysis.analyzer',
  '*.settings.index.mapping.ignore_above',
  `${atRoot}.runtime`,
  ...[atRoot, inMessage].flatMap((place) => [
    ...['dynamic', 'enabled', 'subobjects', 'type'].map((name) => `${place}.${name}`),
    ...parts.map((part) => `${place}.properties.${part}`),
  ]),
].join(',');

const readLayout = async ({ connection, index, timeouts }: WalkSettings): Promise<Layout | undefined> => {
  try {
    const path = `/${encodeURIComponent(index)}`;
    const query = { filter_path: wanted, ignore_unavailable: 'true' };
    const answer = await connection.ask({
      method: 'GET',
      path,
      query,
      timeoutMs: Math.min(timeouts.requestMs, mostWaitMs),
    });
    if (answer.kind !== 'answer') return undefined;
    const verdict = verdictOnFacts(answer.status, answer.body);
    return verdict.kind === 'whole' ? layoutIn(verdict.body) : undefined;
  } catch {
    // No hint is needed; what is wrong with the server is said by the search that follows.
    return undefined;
  }
};

/**
 * @param indices the answer of `GET /{index}`, with what is `wanted`
 * @returns `undefined` for a mapping in which not all is to be found
 */
export const layoutIn = (indices: Json): Layout | undefined => {
  const found: Found = new Map();
  for (const of of Object.values(indices)) {
    if (!isJson(of)) return undefined;
    const { settings, mappings = {} } = of;
    if (!isJson(mappings) || mappings['runtime'] !== undefined || hasOwnRules(settings)) return undefined;
    if (!isPlainObject(mappings, '', found)) return undefined;
  }
  return { indexedAs: (path) => [...(found.get(path)?.values() ?? [])] };
};

/** The ways in which a field is indexed, each once. */
type Found = Map<string, Map<string, Indexed>>;

/** An analyzer for every text, or a length beyond which no keyword is indexed. */
const hasOwnRules = (settings: unknown): boolean => {
  const index = isJson(settings) ? settings['index'] : undefined;
  if (!isJson(index)) return false;
  const { analysis, mapping } = index;
  const analyzers = isJson(analysis) && isJson(analysis['analyzer']) ? Object.keys(analysis['analyzer']) : [];
  return (
    analyzers.some((name) => name.startsWith('default')) || (isJson(mapping) && mapping['ignore_above'] !== undefined)
  );
};

/** Whether what a clause may ask for below here is indexed, and in a form in which the clause finds it. */
const isPlainObject = (node: Json, path: string, found: Found): boolean => {
  const { dynamic = 'true', enabled, subobjects, type = 'object', properties = {} } = node;
  const takesAll = ['true', 'strict'].includes(String(dynamic)) && enabled !== false && subobjects === undefined;
  if (!takesAll || type !== 'object' || !isJson(properties)) return false;
  return Object.entries(properties).every(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (!isJson(child) || !mayBeAskedFor(at)) return true;
    const { type: of = 'object' } = child;
    return child['properties'] !== undefined || of === 'object'
      ? isPlainObject(child, at, found)
      : isPlainLeaf(child, at, found);
  });
};

/** Of a text `message` no field is indexed, which the clauses know; `flattened` and its like hold fields that the mapping does not show. */
const isPlainLeaf = (node: Json, path: string, found: Found): boolean => {
  if (path === 'message') return kindOfType[String(node['type'])] !== undefined;
  if (addresses.has(path)) return note(found, path, addressKind(node));
  // No value that is looked for is a number.
  if (numbers.has(String(node['type']))) return node['index'] !== false;
  if (!isPlainText(node))
    return !evidence.has(path) && asked.has(path) && node['index'] !== false && node['type'] !== 'alias';
  const kind = kindOfType[String(node['type'])] ?? 'keyword';
  const words = kind === 'text' ? path : wordsBeside(node, path);
  return note(found, path, { kind, ...(words !== undefined && { words }) });
};

const note = (found: Found, path: string, indexed: Indexed): true => {
  const ways = found.get(path) ?? new Map<string, Indexed>();
  found.set(path, ways.set(`${indexed.kind} ${indexed.words}`, indexed));
  return true;
};

/** Lists of forwarded addresses are long. */
const addressKind = (node: Json): Indexed => {
  const { type, index, ignore_above: longest } = node;
  if (type === 'ip' && index !== false) return { kind: 'ip' };
  const isWhole = isPlainText(node) && (longest === undefined || Number(longest) >= longestAddress);
  return { kind: (isWhole && kindOfType[String(type)]) || 'other' };
};
const longestAddress = 512;

/** A field beside a keyword that holds the words of the same text. */
const wordsBeside = ({ fields }: Json, path: string): string | undefined => {
  const beside = Object.entries(isJson(fields) ? fields : {}).find(
    ([, field]) => isJson(field) && kindOfType[String(field['type'])] === 'text' && isPlainText(field),
  );
  return beside && `${path}.${beside[0]}`;
};

const isPlainText = (node: Json): boolean => {
  const { type, index, analyzer, search_analyzer: searchAnalyzer, normalizer, ignore_above: longest } = node;
  const isOwn = analyzer !== undefined || searchAnalyzer !== undefined || normalizer !== undefined;
  return (
    kindOfType[String(type)] !== undefined &&
    index !== false &&
    !isOwn &&
    (longest === undefined || Number(longest) >= shortestIgnored)
  );
};

const kindOfType: Readonly<Record<string, Indexed['kind']>> = {
  text: 'text',
  match_only_text: 'text',
  keyword: 'keyword',
  wildcard: 'keyword',
  constant_keyword: 'keyword',
};

const numbers = new Set([
  'long',
  'integer',
  'short',
  'byte',
  'unsigned_long',
  'double',
  'float',
  'half_float',
  'scaled_float',
]);

/** Values of the directory that are compared with are no longer. */
const shortestIgnored = 128;

const evidence: ReadonlySet<string> = new Set(evidencePaths);
const addresses: ReadonlySet<string> = new Set(addressPaths);
const fieldsOfQuestions = [
  'event.action',
  'event.outcome',
  'http.request.method',
  'http.response.status_code',
  'user.roles',
];
const asked: ReadonlySet<string> = new Set([
  ...evidencePaths,
  ...addressPaths,
  ...fieldsOfQuestions.flatMap((field) => [field, `message.${field}`]),
]);
/** Those, and everything above them. */
const askedOrAbove: ReadonlySet<string> = new Set(
  [...asked].flatMap((path) => path.split('.').map((_, at, names) => names.slice(0, at + 1).join('.'))),
);
const mayBeAskedFor = (path: string): boolean => askedOrAbove.has(path);
