/**
 * Redaction by key names: every value under a sensitive key, at any depth, in JSON, in JSON inside strings, in forms, in URLs and in
 * headers, is replaced by one constant. Booleans and null stay. Replaced values are remembered, to be searched for in the rest of the event
 * (`search-secrets.ts`). Values are never changed in place; a tree without secrets comes back as it is.
 */
import { parseExactly } from '../exact-json.ts';
import { isSensitive, mentionsSensitive, type SensitiveNames } from './sensitive-keys.ts';

/** Stands for every secret, whatever its length; legal in JSON, forms and URLs alike. */
export const redacted = 'REDACTED';

/** Stands for values that lie deeper than is read. */
export const tooDeep = 'REMOVED: deeper than 64 levels';

const deepest = 64;

/** What redaction found in one event; filled while the event is read. */
export interface Findings {
  count: number;
  /** Values of six and more characters, to be searched for in the rest of the event. */
  readonly secrets: Set<string>;
  cutAtDepth: boolean;
}

export const noFindings = (): Findings => ({ count: 0, secrets: new Set(), cutAtDepth: false });

/** Shorter values are not searched for: they occur by chance. */
const shortestSearched = 6;

const remember = (secret: string, findings: Findings): void => {
  if (secret.length >= shortestSearched) findings.secrets.add(secret);
};

/** The tree with every secret replaced. Levels below 64 are removed, so that code which walks the result may recurse. */
export const redactTree = (value: unknown, names: SensitiveNames, findings: Findings, depth = 0): unknown => {
  if (typeof value === 'string') return redactText(value, names, findings, depth);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= deepest) {
    findings.cutAtDepth = true;
    return tooDeep;
  }
  return Array.isArray(value)
    ? redactList(value, names, findings, depth + 1)
    : redactRecord(value as Readonly<Record<string, unknown>>, names, findings, depth + 1);
};

const redactList = (list: readonly unknown[], names: SensitiveNames, findings: Findings, depth: number): unknown => {
  let copy: unknown[] | undefined;
  const secretSecond = isSecretPair(list, names);
  for (let at = 0; at < list.length; at++) {
    const before = list[at];
    const after = secretSecond && at === 1 ? redactWhole(before, findings) : redactTree(before, names, findings, depth);
    if (after !== before) {
      copy ??= [...list];
      copy[at] = after;
    }
  }
  return copy ?? list;
};

/** One header of a list of pairs: `["Authorization", "…"]`. */
const isSecretPair = (list: readonly unknown[], names: SensitiveNames): boolean =>
  list.length === 2 && typeof list[0] === 'string' && isSensitive(list[0], names);

type JsonRecord = Readonly<Record<string, unknown>>;

const redactRecord = (record: JsonRecord, names: SensitiveNames, findings: Findings, depth: number): unknown => {
  let copy: Record<string, unknown> | undefined;
  for (const key in record) {
    const before = record[key];
    const hidden = isSensitive(key, names) || (isValue(key) && namesASecret(record, names));
    const after = hidden ? redactWhole(before, findings) : redactTree(before, names, findings, depth);
    if (after !== before || key === '__proto__') {
      copy ??= withoutPrototype(record);
      if (key !== '__proto__') copy[key] = after;
    }
  }
  return copy ?? record;
};

const withoutPrototype = (record: JsonRecord): Record<string, unknown> => {
  const copy: Record<string, unknown> = {};
  for (const key in record) if (key !== '__proto__') copy[key] = record[key];
  return copy;
};

const isValue = (key: string): boolean => key === 'value' || key === 'values';

/** Lists of headers and settings: `{ "name": "Authorization", "value": "…" }`, or a list of `values`. */
const namesASecret = (record: JsonRecord, names: SensitiveNames): boolean => {
  const name = record['name'] ?? record['key'];
  return typeof name === 'string' && isSensitive(name, names);
};

/** Replaces a value and all below it; `true`, `false`, `null` and the empty text are no secrets. */
export const redactWhole = (value: unknown, findings: Findings): unknown => {
  if (value === null || value === undefined || typeof value === 'boolean' || value === '') return value;
  rememberAll(value, findings);
  findings.count++;
  return redacted;
};

/** Without recursion, because a value under a sensitive key may be nested deeper than the stack allows. */
const rememberAll = (value: unknown, findings: Findings): void => {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string') {
      remember(next, findings);
      const parsed = parseJson(next);
      if (typeof parsed === 'object' && parsed !== null) waiting.push(parsed);
    } else if (typeof next === 'number') remember(String(next), findings);
    else if (typeof next === 'object' && next !== null) for (const inner of Object.values(next)) waiting.push(inner);
  }
};

const opensJson = /^\s*[[{"]/;

/** The value of a text that is a JSON object, array or string; `undefined` for any other text. */
export const parseJson = (text: string): unknown => {
  if (!opensJson.test(text)) return undefined;
  try {
    return parseExactly(text);
  } catch {
    return undefined;
  }
};

/**
 * Redacts any text: JSON in it is parsed, redacted and written anew (otherwise the first value of a repeated key would stay hidden in the
 * text); `name=value` pairs of forms, queries and cookies, `name: value` lines of headers and the user information of URLs are masked.
 */
export const redactText = (text: string, names: SensitiveNames, findings: Findings, depth = 0): string => {
  const first = text.charCodeAt(0);
  const plain = first > 0x2f && first !== 0x5b && first !== 0x7b && first !== 0xfeff;
  if (!plain && opensJson.test(text)) {
    const parsed = parseJson(text);
    if (parsed !== undefined) return JSON.stringify(redactTree(parsed, names, findings, depth + 1));
    if (mentionsSensitive(text, names)) {
      findings.count++;
      return redacted;
    }
  }
  if (text.startsWith('Bearer ') || text.startsWith('Basic ')) return redactWhole(text, findings) as string;
  const masked = text.includes(':') ? maskLines(maskUserInformation(text, findings), names, findings) : text;
  return text.includes('=') ? maskPairs(masked, names, findings, depth) : masked;
};

/** Characters of a text message that are kept. */
const longestMessage = 1_048_576;

/** A log line without fields. It is kept, unless it names a secret or looks like a cut-off body that does. */
export const redactMessage = (text: string, names: SensitiveNames, findings: Findings): string => {
  const hidden = text.length > longestMessage || (parseJson(text) === undefined && mentionsSensitive(text, names));
  if (!hidden) return redactText(text, names, findings);
  findings.count++;
  return redacted;
};

/** `https://bob:secret@host/` → `https://host/`, wherever in a text. */
export const maskUserInformation = (text: string, findings: Findings): string => {
  if (!text.includes('@')) return text;
  return text.replace(/:\/\/([^\s/?#"<>]*)@/g, (_, userInformation: string) => {
    const colon = userInformation.indexOf(':');
    const password = userInformation.slice(colon + 1);
    remember(password, findings);
    remember(decoded(password), findings);
    findings.count++;
    return '://';
  });
};

/** What may stand before the name are indents, bullets, quotes and the arrows of tools. No name begins with two digits, as times do. */
const lineName = /[ \t"'<>*-]*(\d?[A-Za-z_][\w.-]{0,127})[ \t"']*:[ \t]*/y;
/** A line that begins with a space continues the value of the line before it (RFC 9112, section 5.2). */
const lineValueEnd = /[\r\n]+(?![ \t\r\n])|$/g;

/** Masks the value of every line `name: value` whose name is sensitive, as headers are written. */
const maskLines = (text: string, names: SensitiveNames, findings: Findings): string => {
  let result = '';
  let copied = 0;
  for (let start = 0; start !== -1; ) {
    lineName.lastIndex = start;
    const name = lineName.exec(text)?.[1];
    let from = start;
    if (name !== undefined && nameIsSensitive(name, names)) {
      const valueAt = lineName.lastIndex;
      lineValueEnd.lastIndex = valueAt;
      from = lineValueEnd.exec(text)?.index ?? text.length;
      result += text.slice(copied, valueAt) + maskValue(text.slice(valueAt, from), findings);
      copied = from;
    }
    start = nextLine(text, from);
  }
  return copied === 0 ? text : result + text.slice(copied);
};

/** Where the next line begins; -1 after the last one. */
const nextLine = (text: string, from: number): number => {
  lineEnd.lastIndex = from;
  return lineEnd.test(text) ? lineEnd.lastIndex : -1;
};

const lineEnd = /[\r\n]+/g;

const longestName = 128;
const nameEnd = /[^A-Za-z0-9_.\-[\]%]/;

/** Masks the value of every `name=value` whose name is sensitive. A value ends at `&`, or, in a URL, at a space or fragment too. */
export const maskPairs = (text: string, names: SensitiveNames, findings: Findings, depth = 0): string => {
  const valueEnd = text.includes('://') ? /[&#\s"<>]|$/g : /[&\r\n]|$/g;
  const mayNest = text.includes('%');
  let result = '';
  let copied = 0;
  for (let equals = text.indexOf('='); equals !== -1; equals = text.indexOf('=', equals + 1)) {
    if (equals < copied) continue;
    const name = nameBefore(text, equals);
    const hidden = name !== '' && nameIsSensitive(name, names);
    if (!hidden && !mayNest) continue;
    valueEnd.lastIndex = equals + 1;
    const end = valueEnd.exec(text)?.index ?? text.length;
    const value = text.slice(equals + 1, end);
    const masked = hidden ? maskValue(value, findings) : redactEncoded(value, names, findings, depth);
    result += text.slice(copied, equals + 1) + masked;
    copied = end;
  }
  return copied === 0 ? text : result + text.slice(copied);
};

const nameBefore = (text: string, equals: number): string => {
  let start = equals;
  while (start > 0 && equals - start < longestName && !nameEnd.test(text.charAt(start - 1))) start--;
  return decoded(text.slice(start, equals));
};

/** `user[password]` and `login.pin` are also judged by their parts. */
const nameIsSensitive = (name: string, names: SensitiveNames): boolean =>
  isSensitive(name, names) || name.split(/[[\].]+/).some((part) => isSensitive(part, names));

const maskValue = (value: string, findings: Findings): string => {
  if (value === '') return value;
  remember(value, findings);
  remember(decoded(value), findings);
  findings.count++;
  return redacted;
};

/** A parameter may hold JSON or another URL, percent-encoded. */
const redactEncoded = (value: string, names: SensitiveNames, findings: Findings, depth: number): string => {
  const before = decoded(value);
  const after = depth < deepest ? redactText(before, names, findings, depth + 1) : redacted;
  return after === before ? value : encodeURIComponent(after);
};

const encodedRun = /(?:%[0-9a-f]{2})+/gi;

/**
 * Percent-decoding that leaves malformed sequences as they are; `decodeURIComponent` would throw, which is slow if it happens a million
 * times.
 */
const decoded = (text: string): string => {
  if (!text.includes('%') && !text.includes('+')) return text;
  const spaced = text.replaceAll('+', ' ');
  return spaced.replace(encodedRun, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
};
