/**
 * Where in a hit the fields are. The vendor's prose nests them under `message`, its example writes dotted keys there; other shippers
 * write `message` as a JSON text, put `message.` into the key, or return `fields`. All of these are one document.
 */
import { parseJson } from './redact.ts';
import { longestText } from './scalars.ts';

/** The position of a known field among the values, by its ECS name. Bodies and labels are not flattened. */
export const slot = {
  'event.kind': 0,
  'event.category': 1,
  'event.type': 2,
  'event.action': 3,
  'event.outcome': 4,
  'http.request.method': 5,
  'http.request.body': 6,
  'http.request.body.content': 7,
  'http.request.body.bytes': 8,
  'http.response.body': 9,
  'http.response.body.content': 10,
  'http.response.body.bytes': 11,
  'http.response.status_code': 12,
  'user.id': 13,
  'user.email': 14,
  'user.roles': 15,
  'user.target.id': 16,
  'organization.id': 17,
  'source.ip': 18,
  'source.address': 19,
  'url.full': 20,
  'url.original': 21,
} as const;

export type KnownName = keyof typeof slot;

export interface Fields {
  /** The values of the known fields, each in its `slot`; `undefined` where the hit has none. An array is quicker to fill than a record. */
  readonly known: readonly unknown[];
  /** Set when `message` is a text and no object. */
  readonly message: string | undefined;
  readonly time: unknown;
  /** Fields that should be a single text or number, but are something else or too long to be read. */
  readonly odd: readonly KnownName[];
  /** Every other field by its dotted path. */
  readonly rest: Map<string, unknown>;
}

const slots: ReadonlyMap<string, number> = new Map(Object.entries(slot));
const noValues: readonly unknown[] = Array.from({ length: slots.size }, () => undefined);

const singles: ReadonlySet<string> = new Set<KnownName>([
  'event.action',
  'http.request.method',
  'http.response.status_code',
  'user.id',
  'user.email',
  'user.target.id',
  'organization.id',
  'source.ip',
  'source.address',
  'url.full',
  'url.original',
]);

type JsonRecord = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The document of a hit, and whether its values are wrapped in arrays; `undefined` when there is none. */
const locate = (hit: JsonRecord): { readonly document: JsonRecord; readonly wrapped: boolean } | undefined => {
  const source = hit['_source'];
  if (isRecord(source)) return { document: source, wrapped: false };
  const parsed = typeof source === 'string' ? parseJson(source) : undefined;
  if (isRecord(parsed)) return { document: parsed, wrapped: false };
  if (isRecord(hit['fields'])) return { document: hit['fields'], wrapped: true };
  if (source !== undefined) return undefined;
  const bare = Object.entries(hit).filter(([key]) => !key.startsWith('_') && key !== 'sort' && key !== 'fields');
  return bare.length === 0 ? undefined : { document: Object.fromEntries(bare), wrapped: false };
};

/** The values gathered while a document is walked. */
interface Draft {
  readonly timeField: string;
  readonly known: unknown[];
  message: string | undefined;
  time: unknown;
  readonly odd: KnownName[];
  readonly rest: Map<string, unknown>;
}

/** An object still to be walked. */
interface Waiting {
  readonly record: JsonRecord;
  readonly prefix: string;
  readonly level: number;
}

/** The fields of a hit by name, whatever mix of dots and nesting it has; `undefined` when it holds no document. */
export const fieldsOf = (hit: JsonRecord, timeField: string): Fields | undefined => {
  const located = locate(hit);
  if (!located) return undefined;
  const { document, wrapped } = located;
  const draft: Draft = {
    timeField,
    known: noValues.slice(),
    message: undefined,
    time: unwrapped(document[timeField], wrapped),
    odd: [],
    rest: new Map(),
  };
  const message = openMessage(unwrapped(document['message'], wrapped));
  const waiting: Waiting[] = [];
  scanRoot(draft, document, wrapped, 'in message', waiting);
  if (isRecord(message)) scan(draft, { record: message, prefix: '', level: 1 }, wrapped, waiting);
  descend(draft, wrapped, waiting);
  scanRoot(draft, document, wrapped, 'beside message', waiting);
  descend(draft, wrapped, waiting);
  if (typeof message === 'string' && message !== '') draft.message = message;
  else if (message !== undefined && !isRecord(message)) put(draft, 'message', message);
  return draft;
};

/** A single value out of its array: every value of a `fields` answer stands in one. */
const unwrapped = (value: unknown, wrapped: boolean): unknown =>
  wrapped && Array.isArray(value) && value.length === 1 ? value[0] : value;

/** `message` may be a JSON text, even one inside another. */
const openMessage = (message: unknown): unknown => {
  let opened = message;
  for (let times = 0; times < 3 && typeof opened === 'string'; times++) {
    const parsed = parseJson(opened);
    if (parsed === undefined) break;
    opened = parsed;
  }
  return isRecord(opened) ? opened : message;
};

const prefixOfMessage = 'message.';

/** The documented fields lie in `message`, so that is read first; fields beside it only fill gaps. */
const scanRoot = (
  draft: Draft,
  document: JsonRecord,
  wrapped: boolean,
  part: 'in message' | 'beside message',
  waiting: Waiting[],
): void => {
  for (const key in document) {
    if (key === 'message') continue;
    const inside = key.startsWith(prefixOfMessage);
    if (inside !== (part === 'in message')) continue;
    const path = inside ? key.slice(prefixOfMessage.length) : key;
    place(draft, path, unwrapped(document[key], wrapped), 1, waiting);
  }
};

const scan = (draft: Draft, { record, prefix, level }: Waiting, wrapped: boolean, waiting: Waiting[]): void => {
  for (const key in record) place(draft, prefix + key, unwrapped(record[key], wrapped), level, waiting);
};

/** Walks level by level: of two spellings of one field the one with more dots lies higher, so it comes first and wins. */
const descend = (draft: Draft, wrapped: boolean, waiting: Waiting[]): void => {
  for (let next = 0; next < waiting.length; next++) {
    const entry = waiting[next];
    if (entry) scan(draft, entry, wrapped, waiting);
  }
  waiting.length = 0;
};

const deepestPath = 32;

const place = (draft: Draft, path: string, value: unknown, level: number, waiting: Waiting[]): void => {
  if (!isRecord(value)) put(draft, path, value);
  else if (staysWhole(path, value) || level >= deepestPath) put(draft, path, value);
  else waiting.push({ record: value, prefix: `${path}.`, level: level + 1 });
};

/** Whether an object is kept as one value: a body that was parsed already is, unless it is the ECS object with `content` and `bytes`. */
const staysWhole = (path: string, value: JsonRecord): boolean => {
  if (path === 'labels' || path === 'http.request.body.content' || path === 'http.response.body.content') return true;
  const isBody = path === 'http.request.body' || path === 'http.response.body';
  return isBody && !Object.hasOwn(value, 'content') && !Object.hasOwn(value, 'bytes');
};

/** Paths that would reach an object's prototype if a receiver turned them into objects again. */
const reachesPrototype = /(?:^|\.)(?:__proto__|constructor|prototype)(?:\.|$)/;

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** The first spelling of a field wins; another value of the same field is kept among the rest. */
const put = (draft: Draft, path: string, value: unknown): void => {
  if (isEmpty(value)) return;
  const at = slots.get(path);
  if (at !== undefined) {
    const before = draft.known[at];
    if (before === undefined) {
      draft.known[at] = value;
      if ((typeof value !== 'string' || value.length > longestText) && typeof value !== 'number' && singles.has(path))
        draft.odd.push(path as KnownName);
      return;
    }
    if (before === value) return;
  } else if (path === draft.timeField) {
    draft.time ??= value;
    if (draft.time === value) return;
  } else if (reachesPrototype.test(path)) return;
  if (!draft.rest.has(path)) draft.rest.set(path, value);
};
