import { hash } from 'node:crypto';
import type { Hit } from '../../core/event.ts';
import { parseExactly } from '../../core/exact-json.ts';
import { earliest, type Instant } from '../../core/instant.ts';
import { readTime } from '../../core/reading/time.ts';

export interface LineHit {
  readonly hit: Hit;
  /** `undefined` when the line has no time that can be read. */
  readonly time: Instant | undefined;
  /** Whether the line holds a JSON object. */
  readonly readable: boolean;
}

/**
 * One line of a log as a hit. A line is an Elasticsearch hit (it has `_source` or `_id`) or a bare document, whose id is then made of its
 * byte offset and a hash of its content. A line that is no JSON object becomes a hit without content.
 * @param line without its line break
 */
export const lineHit = (
  line: Buffer,
  at: { readonly file: string; readonly offset: number },
  timeField: string,
): LineHit => {
  const value = parsed(line);
  const identity = { _index: at.file, _id: `${at.offset}-${hash('sha256', line, 'base64url').slice(0, 16)}` };
  if (value === undefined) return { hit: identity, time: undefined, readable: false };
  const isHit = '_source' in value || typeof value['_id'] === 'string';
  if (!isHit) return { hit: { ...identity, _source: value }, time: timeIn(value, timeField), readable: true };
  const { _index, _id, _source, fields } = value;
  const hit = {
    _index: typeof _index === 'string' ? _index : identity._index,
    _id: typeof _id === 'string' ? _id : identity._id,
    ...(_source !== undefined && { _source }),
    ...(fields !== undefined && { fields }),
  };
  return { hit, time: timeIn(_source ?? fields, timeField), readable: true };
};

/** A line that is longer than may be held in memory: an event without content. */
export const tooLongHit = (file: string, offset: number, bytes: number): Hit => ({
  _index: file,
  _id: `${offset}-${bytes}-bytes`,
});

type Document = Readonly<Record<string, unknown>>;

const isDocument = (value: unknown): value is Document =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const parsed = (line: Buffer): Document | undefined => {
  try {
    // A file may begin with the byte order mark of some editors.
    const value: unknown = parseExactly(line.toString('utf8').replace(/^\uFEFF/, ''));
    return isDocument(value) ? value : undefined;
  } catch {
    // The line becomes an event without content. The parser's error is dropped, because it would quote the line.
    return undefined;
  }
};

/** Of several the earliest, as Elasticsearch sorts. */
const timeIn = (document: unknown, timeField: string): Instant | undefined => {
  const value = valueAt(document, timeField);
  if (!Array.isArray(value)) return readTime(value);
  const [first, ...others] = value.flatMap((each) => readTime(each) ?? []);
  return first && others.reduce(earliest, first);
};

/** The value of a field whose dotted name may be spelled as nesting, as dots in a key, or as any mix. */
const valueAt = (document: unknown, name: string): unknown => {
  if (!isDocument(document)) return undefined;
  if (Object.hasOwn(document, name)) return document[name];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const outer = name.slice(0, dot);
    const value = Object.hasOwn(document, outer) ? valueAt(document[outer], name.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
};
