/** Hides personal data in parts without a schema: bodies, leftovers, labels, messages, URLs. */
import { type Found, remember, searchFor } from './found.ts';
import { isPersonalName } from './names.ts';
import { hidden, withoutPatterns } from './patterns.ts';

/** Deeper values are hidden completely: JSON in JSON in JSON would otherwise overflow the stack. */
const deepest = 80;

type JsonRecord = Readonly<Record<string, unknown>>;

/** Remembers every text under a personal key name, in JSON, in JSON inside texts and in `name=value` pairs. */
export const lookForPersonal = (value: unknown, found: Found, isPersonal = false, depth = 0): void => {
  if (depth > deepest) return;
  if (typeof value === 'string') lookInText(value, found, isPersonal, depth);
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) for (const item of value) lookForPersonal(item, found, isPersonal, depth + 1);
  else
    for (const [key, inner] of Object.entries(value))
      lookForPersonal(inner, found, isPersonal || isPersonalName(key), depth + 1);
};

const lookInText = (text: string, found: Found, isPersonal: boolean, depth: number): void => {
  const parsed = jsonIn(text);
  if (parsed !== undefined) lookForPersonal(parsed, found, isPersonal, depth + 1);
  else if (isPersonal) remember(text, found);
  else if (text.includes('='))
    for (const [, name = '', value = ''] of text.matchAll(pair))
      if (isPersonalName(decoded(name))) remember(decoded(value), found);
};

export interface Hiding {
  /** Keys stay, values under personal names become one constant; booleans and null stay. */
  tree(value: unknown, depth?: number): unknown;
  text(text: string, depth?: number): string;
}

/** Hides values under personal key names, values that look personal by their form, and every value that was found. */
export const hidingWith = (found: Found): Hiding => {
  const searched = searchFor(found);
  const plain = (text: string): string => searched(withoutPatterns(text));

  const text = (given: string, depth = 0): string => {
    const parsed = depth < deepest ? jsonIn(given) : undefined;
    if (parsed !== undefined) return JSON.stringify(tree(parsed, depth + 1));
    const paired = given.includes('=') ? given.replace(pair, hidePair) : given;
    return plain(paired.includes('%') ? paired.replace(encoded, hideEncoded) : paired);
  };

  const hidePair = (whole: string, name: string): string =>
    isPersonalName(decoded(name)) ? `${name}=${hidden}` : whole;

  const hideEncoded = (run: string): string => {
    const before = decoded(run);
    const after = plain(before);
    return after === before ? run : encodeURIComponent(after);
  };

  const tree = (value: unknown, depth = 0): unknown => {
    if (typeof value === 'string') return text(value, depth);
    if (typeof value !== 'object' || value === null) return value;
    if (depth >= deepest) return hidden;
    if (Array.isArray(value)) return value.map((item) => tree(item, depth + 1));
    const entries = Object.entries(value as JsonRecord).map(([key, inner]) => [
      plain(key),
      isPersonalName(key) ? constantFor(inner) : tree(inner, depth + 1),
    ]);
    return Object.fromEntries(entries);
  };

  return { tree, text };
};

const constantFor = (value: unknown): unknown => (typeof value === 'boolean' || value === null ? value : hidden);

const pair = /([^\s=&?#;"<>]+)=([^&#\s"<>]*)/g;
/** A piece of a URL or form with something percent-encoded in it. */
const encoded = /[^\s/?&=#"<>]*%[^\s/?&=#"<>]*/g;

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

/** The value of a text that is a JSON object, list or text; `undefined` for any other. */
export const jsonIn = (text: string): unknown => {
  if (!/^\s*[[{"]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
