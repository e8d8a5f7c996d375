/** Reads how the indices of a pattern are mapped, as far as hints depend on it. */
import { OperatorMustFix, RetryLater } from '../../core/errors.ts';
import { addressPaths, andAbove, bothPlaces, type Indexed, type IndexedAs } from '../../core/filter-elasticsearch.ts';
import { evidencePaths } from '../../core/tenant-elasticsearch.ts';
import { isJson, type Json, verdictOnFacts } from './answers.ts';
import type { Question } from './connection.ts';
import type { WalkSettings } from './walk-settings.ts';

/** `odd`: a document may hold values that no clause finds; then no hint is sent, all events are read and the predicate decides. */
export type Layout =
  | { readonly kind: 'plain'; readonly indexedAs: IndexedAs }
  /** Begins with the index: `closer-1: message.user is not indexed (enabled: false)`. */
  | { readonly kind: 'odd'; readonly reason: string };

/** How long a layout is reused: short, because a field may be mapped at any time; long enough for the pages of one answer. */
const rememberMs = 10_000;
/** If the server takes long to return its mappings, they are read less often, so that reading takes at most a twentieth of the time. */
const rest = 20;
/** The longest wait for the mappings. Answers are correct without hints too, so a longer wait is not worth it. */
const mostWaitMs = 3_000;

/**
 * How fields were indexed at most ten seconds ago; `undefined` if the layout is odd or cannot be read. Questions at the same time share one
 * request.
 */
export const layoutReader = (settings: WalkSettings): (() => Promise<IndexedAs | undefined>) => {
  const { clock } = settings;
  let known: { readonly layout: Promise<IndexedAs | undefined>; untilMs: number } | undefined;
  return () => {
    const askedMs = clock.nowMs();
    if (known && askedMs < known.untilMs) return known.layout;
    const asked = { layout: readLayout(settings), untilMs: Number.POSITIVE_INFINITY };
    known = asked;
    const remember = (): void => {
      asked.untilMs = Math.max(askedMs + rememberMs, clock.nowMs() + rest * (clock.nowMs() - askedMs));
    };
    asked.layout.then(remember, remember);
    return asked.layout;
  };
};

const readLayout = async ({ connection, index, timeouts }: WalkSettings): Promise<IndexedAs | undefined> => {
  try {
    const timeoutMs = Math.min(timeouts.requestMs, mostWaitMs);
    const answer = await connection.ask({ ...layoutQuestion(index), timeoutMs });
    if (answer.kind !== 'answer') return undefined;
    const verdict = verdictOnFacts(answer.status, answer.body);
    const layout = verdict.kind === 'whole' ? layoutIn(verdict.body) : undefined;
    return layout?.kind === 'plain' ? layout.indexedAs : undefined;
  } catch (error) {
    // The search works without a hint, and will itself report what is wrong with the server.
    if (error instanceof RetryLater || error instanceof OperatorMustFix) return undefined;
    throw error;
  }
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

/** @param index a pattern; the server refuses a pattern of other clusters */
export const layoutQuestion = (index: string): Omit<Question, 'timeoutMs'> => ({
  method: 'GET',
  path: `/${encodeURIComponent(index)}`,
  query: { filter_path: wanted, ignore_unavailable: 'true' },
});

/** @param indices the answer to `layoutQuestion` */
export const layoutIn = (indices: Json): Layout => {
  const found: Found = new Map();
  for (const [name, of] of Object.entries(indices)) {
    const { settings, mappings = {} } = isJson(of) ? of : {};
    const reason = oddSettings(settings) ?? (isJson(mappings) ? oddMapping(mappings, found) : 'it has no mapping');
    if (reason !== undefined) return { kind: 'odd', reason: `${name}: ${reason}` };
  }
  return { kind: 'plain', indexedAs: (path) => [...(found.get(path)?.values() ?? [])] };
};

/** By path of a field: the different ways in which indices have it indexed. */
type Found = Map<string, Map<string, Indexed>>;
/** What is odd, in words; `undefined` if nothing is. */
type Oddity = string | undefined;

/** Settings that affect every field: an analyzer for all texts, or a length beyond which no keyword is indexed. */
const oddSettings = (settings: unknown): Oddity => {
  const index = isJson(settings) ? settings['index'] : undefined;
  if (!isJson(index)) return undefined;
  const { analysis, mapping } = index;
  const analyzers = isJson(analysis) && isJson(analysis['analyzer']) ? Object.keys(analysis['analyzer']) : [];
  if (analyzers.some((name) => name.startsWith('default'))) return 'texts have an analyzer of their own';
  if (!isJson(mapping) || mapping['ignore_above'] === undefined) return undefined;
  return `long keywords are not indexed (index.mapping.ignore_above: ${mapping['ignore_above']})`;
};

const oddMapping = (mappings: Json, found: Found): Oddity =>
  mappings['runtime'] === undefined ? oddObject(mappings, '', found) : 'fields are computed (runtime)';

/** Says what is odd among the fields below `path` that a clause may ask for, and notes in `found` how they are indexed. */
const oddObject = (node: Json, path: string, found: Found): Oddity => {
  const { dynamic = 'true', enabled, subobjects, type = 'object', properties = {} } = node;
  const here = path === '' ? 'the document' : path;
  if (enabled === false) return `${here} is not indexed (enabled: false)`;
  if (!['true', 'strict'].includes(String(dynamic)))
    return `new fields of ${here} are not indexed (dynamic: ${String(dynamic)})`;
  if (subobjects !== undefined) return `${here} has names with dots (subobjects: ${String(subobjects)})`;
  if (type !== 'object' || !isJson(properties)) return `${here} is ${String(type)}`;
  for (const [name, child] of Object.entries(properties)) {
    const at = path === '' ? name : `${path}.${name}`;
    if (!isJson(child) || !mayBeAskedFor(at)) continue;
    const { type: of = 'object' } = child;
    const isObject = child['properties'] !== undefined || of === 'object';
    const oddity = isObject ? oddObject(child, at, found) : oddLeaf(child, at, found);
    if (oddity !== undefined) return oddity;
  }
  return undefined;
};

const oddLeaf = (node: Json, path: string, found: Found): Oddity => {
  const type = String(node['type']);
  const kind = kindOfType[type];
  if (addresses.has(path)) return note(found, path, addressKind(node));
  // A text or number has no fields below it; `flattened` and similar types hold fields that the mapping does not show.
  if (!asked.has(path)) return kind !== undefined || singleTypes.has(type) ? undefined : `${path} is ${type}`;
  if (node['index'] === false) return `${path} is not indexed (index: false)`;
  if (type === 'alias') return `${path} is another field's name`;
  if (!evidence.has(path)) return undefined;
  // No value that a clause looks for is a number, so it does not matter how the number is indexed.
  if (numbers.has(type)) return note(found, path, { kind: 'other' });
  if (kind === undefined) return `${path} is ${type}`;
  const oddity = oddText(node);
  if (oddity !== undefined) return `${path} ${oddity}`;
  const words = kind === 'text' ? path : wordsBeside(node, path);
  return note(found, path, { kind, ...(words !== undefined && { words }) });
};

const note = (found: Found, path: string, indexed: Indexed): undefined => {
  const ways = found.get(path) ?? new Map<string, Indexed>();
  found.set(path, ways.set(`${indexed.kind} ${indexed.words}`, indexed));
};

/** How an address field is indexed. A keyword counts only if it takes long values, because a list of forwarded addresses is long. */
const addressKind = (node: Json): Indexed => {
  const { type, index, ignore_above: longest } = node;
  if (index === false) return { kind: 'other' };
  if (type === 'ip') return { kind: 'ip' };
  const isWhole = oddText(node) === undefined && (longest === undefined || Number(longest) >= longestAddress);
  return { kind: (isWhole && kindOfType[String(type)]) || 'other' };
};
const longestAddress = 512;

/**
 * Says what is odd about a text or keyword field; `undefined` if a text is cut into words by the default analyzer with the places of its
 * words, and a keyword of usual length is indexed unchanged.
 */
const oddText = ({
  type,
  analyzer,
  search_analyzer: searchAnalyzer,
  normalizer,
  index_options: kept = 'positions',
  ignore_above: longest,
}: Json): Oddity => {
  const own = analyzer ?? searchAnalyzer ?? normalizer;
  if (own !== undefined) return `has an analyzer or normalizer of its own (${String(own)})`;
  if (kindOfType[String(type)] === 'text' && !['positions', 'offsets'].includes(String(kept)))
    return `is indexed without the places of its words (index_options: ${String(kept)})`;
  const isShort = longest !== undefined && Number(longest) < shortestIgnored;
  return isShort ? `is not indexed when it is long (ignore_above: ${String(longest)})` : undefined;
};

/** The path of a subfield of this field that holds the words of the same text. */
const wordsBeside = ({ fields }: Json, path: string): string | undefined => {
  const beside = Object.entries(isJson(fields) ? fields : {}).find(
    ([, field]) =>
      isJson(field) &&
      kindOfType[String(field['type'])] === 'text' &&
      field['index'] !== false &&
      oddText(field) === undefined,
  );
  return beside && `${path}.${beside[0]}`;
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

const singleTypes = new Set([...numbers, 'boolean', 'date', 'date_nanos', 'ip']);

/** The shortest `ignore_above` that is good enough: values of the tenants' directory are no longer. */
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
const asked: ReadonlySet<string> = new Set([...evidencePaths, ...addressPaths, ...bothPlaces(fieldsOfQuestions)]);
const askedOrAbove = andAbove(asked);
const mayBeAskedFor = (path: string): boolean => askedOrAbove.has(path);
