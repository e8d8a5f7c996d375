import { shown } from './bad-parameters.ts';
import ecs from './catalogue/ecs-allowed.json' with { type: 'json' };
import { BadRequest } from './errors.ts';
import type { Filter, FilterParameter } from './filter.ts';
import { canonicalBlock } from './filter-address.ts';
import { parseBound } from './filter-time.ts';
import { attempt, gatherList } from './gather.ts';
import type { Instant } from './instant.ts';
import { nearestName } from './nearest-name.ts';
import { onlyValue } from './parameter.ts';
import { parseQuestion } from './question/parse-question.ts';

/** The question as it was written: texts from a query string, or texts, numbers and lists from JSON. */
export type WrittenFilter = Readonly<Record<string, unknown>>;

const maxValues = 100;
const maxLength = 256;
const maxStars = 10;

export interface FilterOptions {
  /** What `now-24h` counts from, epoch ms; absent: relative times are refused. */
  readonly nowMs?: number;
  /** Names that mean something beside the filter, to suggest for misspelt ones. */
  readonly knownBeside?: readonly string[];
}

/** What one value of a parameter becomes, or what is wrong with it. */
type Read = (text: string) => { readonly value: string } | { readonly wrong: string };

const lists: Readonly<Record<Exclude<FilterParameter, 'from' | 'to'>, Read>> = {
  action: (text) => ({ value: text.toLowerCase() }),
  category: (text) => oneOf(ecs['event.category'], text),
  kind: (text) => oneOf(ecs['event.kind'], text),
  type: (text) => oneOf(ecs['event.type'], text),
  outcome: (text) => oneOf(ecs['event.outcome'], text),
  user: (text) => ({ value: text.toLowerCase() }),
  role: (text) => ({ value: text.toLowerCase() }),
  ip: (text) => {
    const value = canonicalBlock(text);
    return value === undefined
      ? { wrong: 'must be an address or a CIDR block, for example 203.0.113.0/24 or 2001:db8::/32' }
      : { value };
  },
  method: (text) =>
    /^[a-z]{1,20}$/i.test(text) ? { value: text.toUpperCase() } : { wrong: 'must be an HTTP method, for example PUT' },
  status: (text) =>
    /^[1-9](\d\d|xx)$/i.test(text)
      ? { value: text.toLowerCase() }
      : { wrong: 'must be three digits or a class, for example 404 or 4xx' },
  url: (text) => {
    const stars = text.split('*').length - 1;
    if (stars > maxStars) return { wrong: `holds ${stars} stars; at most ${maxStars} are allowed` };
    const value = text.toLowerCase().replace(/\*+/g, '*');
    return value === '*' ? { wrong: 'matches everything; leave it out, or name a part of the URL' } : { value };
  },
};

/** The parameters of a filter, in the order of the documentation. */
export const filterFields: readonly string[] = ['q', 'from', 'to', ...Object.keys(lists)];

/**
 * The filter that somebody wrote: parameters of a query, or the `filter` object of a subscription. Lists may be JSON lists, repeated
 * parameters or, but for `url`, one text with commas; `q` is one text in the language of `parse-question.ts`. Values come out in canonical form, sorted, each once, so that equal questions are
 * equal values.
 *
 * @throws BadParameters with every mistake: unknown names, wrong values, `from` after `to`, more than 100 values or 256 characters
 */
export const parseFilter = (input: WrittenFilter, options: FilterOptions = {}): Filter => {
  const parts = Object.entries(input)
    .filter(([, written]) => written !== undefined)
    .map(([field, written]) => attempt(() => readField(field, written, options)));
  const filter: Filter = Object.assign({}, ...parts.map(({ value }) => value));
  gatherList<unknown>([...parts, () => refuseSwapped(filter, input)]);
  return filter;
};

const refuseSwapped = ({ from, to }: Filter, input: WrittenFilter): void => {
  if (from === undefined || to === undefined || from <= to) return;
  throw new BadRequest('from', `is later than to (${shown(input['from'])} to ${shown(input['to'])}). Swap them.`);
};

/** What the parameter adds to the filter. */
const readField = (field: string, written: unknown, { nowMs, knownBeside = [] }: FilterOptions): Filter => {
  if (field === 'from' || field === 'to') return { [field]: readBound(field, written, nowMs) };
  if (field === 'q') return readQuestion(written, nowMs);
  const read = Object.hasOwn(lists, field) ? lists[field as keyof typeof lists] : undefined;
  if (!read) throw unknownField(field, [...filterFields, ...knownBeside]);
  const texts = textsOf(field, written);
  if (texts === undefined) throw new BadRequest(field, `must be text or a list of texts; got ${shown(written)}.`);
  if (texts.length === 0) throw new BadRequest(field, 'is empty. Leave it out, or give a value.');
  if (texts.length > maxValues)
    throw new BadRequest(field, `has ${texts.length} values; at most ${maxValues} are allowed.`);
  const values = gatherList(texts.map((text) => () => readValue(field, text, read)));
  return { [field]: [...new Set(values)].sort() };
};

const readValue = (field: string, text: string, read: Read): string => {
  const result = unfit(text) ?? read(text);
  if ('wrong' in result) throw new BadRequest(field, `${result.wrong}; got ${shown(text)}.`);
  return result.value;
};

const unfit = (text: string): { readonly wrong: string } | undefined => {
  if (text === '') return { wrong: 'holds an empty value' };
  if (text.length > maxLength) return { wrong: `is longer than ${maxLength} characters` };
  if (/\p{Cc}/u.test(text)) return { wrong: 'holds a control character' };
  return undefined;
};

const readQuestion = (written: unknown, nowMs: number | undefined): Filter => {
  const q = onlyValue('q', written);
  if (typeof q !== 'string') throw new BadRequest('q', `must be one question in text; got ${shown(q)}.`);
  return { q, question: parseQuestion(q, nowMs === undefined ? {} : { nowMs }) };
};

const readBound = (field: 'from' | 'to', written: unknown, nowMs: number | undefined): Instant => {
  const text = onlyValue(field, written);
  const value =
    typeof text === 'string' && text.length <= maxLength ? parseBound(text.trim(), field, nowMs) : undefined;
  if (value !== undefined) return value;
  const forms =
    nowMs === undefined ? '2026-05-05 or 2026-05-05T09:27:12Z' : '2026-05-05, 2026-05-05T09:27:12Z or now-24h';
  throw new BadRequest(field, `must be one instant from 1970 to 2262, for example ${forms}; got ${shown(text)}.`);
};

/** The values of a list, blanks around them dropped; `undefined` when it holds anything but texts and whole numbers. */
const textsOf = (field: string, written: unknown): readonly string[] | undefined => {
  const items: readonly unknown[] = Array.isArray(written) ? written : [written];
  if (!items.every((item) => typeof item === 'string' || Number.isInteger(item))) return undefined;
  return items
    .flatMap((item) => (field === 'url' ? [String(item)] : String(item).split(',')))
    .map((text) => text.trim());
};

/** A name that means nothing here, with the nearest that does. */
const unknownField = (field: string, known: readonly string[]): BadRequest => {
  const meant = nearestName(field, known);
  const help = meant === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${meant}?`;
  return new BadRequest(field.slice(0, 60), `is not a parameter. ${help}`);
};

const oneOf = (allowed: readonly { readonly value: string }[], text: string): ReturnType<Read> => {
  const value = text.toLowerCase();
  const names = allowed.map((one) => one.value);
  return names.includes(value) ? { value } : { wrong: `must be one of ${names.join(', ')}` };
};
