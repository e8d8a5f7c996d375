import { BadParameters, type Mistake, shown } from './bad-parameters.ts';
import ecs from './catalogue/ecs-allowed.json' with { type: 'json' };
import { BadRequest } from './errors.ts';
import type { Filter, FilterParameter } from './filter.ts';
import { canonicalBlock } from './filter-address.ts';
import { parseBound } from './filter-time.ts';
import { nearestName } from './nearest-name.ts';
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
  const mistakes: Mistake[] = [];
  const filter: Record<string, unknown> = {};
  for (const [field, written] of Object.entries(input)) {
    if (written === undefined) continue;
    const result = readField(field, written, options);
    if ('mistakes' in result) mistakes.push(...result.mistakes);
    else if (field !== 'q') filter[field] = result.value;
    else Object.assign(filter, result.value);
  }
  const { from, to } = filter as Filter;
  if (from !== undefined && to !== undefined && from > to)
    mistakes.push({
      field: 'from',
      detail: `is later than to (${shown(input['from'])} to ${shown(input['to'])}). Swap them.`,
    });
  const [first, ...others] = mistakes;
  if (first) throw new BadParameters([first, ...others]);
  return filter as Filter;
};

type FieldResult = { readonly value: unknown } | { readonly mistakes: readonly Mistake[] };

const readField = (field: string, written: unknown, { nowMs, knownBeside = [] }: FilterOptions): FieldResult => {
  if (field === 'from' || field === 'to') return readBound(field, written, nowMs);
  if (field === 'q') return readQuestion(written, nowMs);
  const read = Object.hasOwn(lists, field) ? lists[field as keyof typeof lists] : undefined;
  if (!read) return { mistakes: [unknownField(field, [...filterFields, ...knownBeside])] };
  const texts = textsOf(field, written);
  if (texts === undefined)
    return { mistakes: [{ field, detail: `must be text or a list of texts; got ${shown(written)}.` }] };
  if (texts.length === 0) return { mistakes: [{ field, detail: 'is empty. Leave it out, or give a value.' }] };
  if (texts.length > maxValues)
    return { mistakes: [{ field, detail: `has ${texts.length} values; at most ${maxValues} are allowed.` }] };
  const values = new Set<string>();
  const mistakes: Mistake[] = [];
  for (const text of texts) {
    const result = readValue(text, read);
    if ('wrong' in result) mistakes.push({ field, detail: `${result.wrong}; got ${shown(text)}.` });
    else values.add(result.value);
  }
  return mistakes.length > 0 ? { mistakes } : { value: [...values].sort() };
};

const readValue = (text: string, read: Read): ReturnType<Read> => {
  if (text === '') return { wrong: 'holds an empty value' };
  if (text.length > maxLength) return { wrong: `is longer than ${maxLength} characters` };
  if (/\p{Cc}/u.test(text)) return { wrong: 'holds a control character' };
  return read(text);
};

const readQuestion = (written: unknown, nowMs: number | undefined): FieldResult => {
  const text = Array.isArray(written) && written.length === 1 ? written[0] : written;
  if (typeof text !== 'string')
    return { mistakes: [{ field: 'q', detail: `must be one question in text; got ${shown(written)}.` }] };
  try {
    return { value: { q: text, question: parseQuestion(text, nowMs === undefined ? {} : { nowMs }) } };
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error;
    return { mistakes: [{ field: error.field, detail: error.message }] };
  }
};

const readBound = (field: 'from' | 'to', written: unknown, nowMs: number | undefined): FieldResult => {
  const text = Array.isArray(written) && written.length === 1 ? written[0] : written;
  const value =
    typeof text === 'string' && text.length <= maxLength ? parseBound(text.trim(), field, nowMs) : undefined;
  if (value !== undefined) return { value };
  const forms =
    nowMs === undefined ? '2026-05-05 or 2026-05-05T09:27:12Z' : '2026-05-05, 2026-05-05T09:27:12Z or now-24h';
  return {
    mistakes: [
      { field, detail: `must be one instant from 1970 to 2262, for example ${forms}; got ${shown(written)}.` },
    ],
  };
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
const unknownField = (field: string, known: readonly string[]): Mistake => {
  const meant = nearestName(field, known);
  const help = meant === undefined ? `Known are ${known.join(', ')}.` : `Did you mean ${meant}?`;
  return { field: field.slice(0, 60), detail: `is not a parameter. ${help}` };
};

const oneOf = (allowed: readonly { readonly value: string }[], text: string): ReturnType<Read> => {
  const value = text.toLowerCase();
  const names = allowed.map((one) => one.value);
  return names.includes(value) ? { value } : { wrong: `must be one of ${names.join(', ')}` };
};
