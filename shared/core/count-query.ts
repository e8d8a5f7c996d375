/** What a caller wants counted, beside the question itself. */
import { shown } from './bad-parameters.ts';
import { BadRequest } from './errors.ts';
import { readEventQuery } from './event-query.ts';
import type { Filter } from './filter.ts';
import type { WrittenFilter } from './filter-parse.ts';
import { gather } from './gather.ts';
import { onlyText } from './parameter.ts';
import { fieldKind, meantField } from './question/fields.ts';

export interface HistogramQuery {
  readonly filter: Filter;
  readonly asOfMs: number;
  readonly intervalSeconds?: number;
  /** A field to count the values of. */
  readonly by?: string;
}

export interface TopQuery {
  readonly filter: Filter;
  readonly asOfMs: number;
  readonly field: string;
  readonly size: number;
}

export const topSizes = { usual: 10, most: 100 } as const;

/** @throws BadParameters with every mistake */
export const readHistogramQuery = (
  { interval, by, ...question }: WrittenFilter,
  { nowMs }: { readonly nowMs: number },
): HistogramQuery => {
  const { asked, intervalSeconds, field } = gather({
    asked: () => readQuestion(question, nowMs),
    intervalSeconds: () => readInterval(interval),
    field: () => (by === undefined ? undefined : readField('by', by)),
  });
  return {
    ...asked,
    ...(intervalSeconds !== undefined && { intervalSeconds }),
    ...(field !== undefined && { by: field }),
  };
};

/** @throws BadParameters with every mistake */
export const readTopQuery = (
  { field: written, size: wanted, ...question }: WrittenFilter,
  { nowMs }: { readonly nowMs: number },
): TopQuery => {
  const { asked, ...rest } = gather({
    asked: () => readQuestion(question, nowMs),
    field: () => readField('field', written),
    size: () => readSize(wanted),
  });
  return { ...asked, ...rest };
};

/** Counts have no pages, and one form. */
const readQuestion = (question: WrittenFilter, nowMs: number): { filter: Filter; asOfMs: number } => {
  for (const name of ['sort', 'limit', 'cursor', 'format', 'fields'])
    if (Object.hasOwn(question, name)) throw new BadRequest(name, 'is not a parameter of this. Leave it out.');
  const { filter, asOfMs } = readEventQuery(question, { nowMs, asOf: () => nowMs });
  return { filter, asOfMs };
};

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };
const longestSeconds = 366 * 86_400;

const readInterval = (written: unknown): number | undefined => {
  const text = onlyText('interval', written);
  if (text === undefined || text === 'auto') return undefined;
  const [, number = '0', unit = 's'] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const seconds = Number(number) * (unitSeconds[unit] ?? 0);
  if (seconds >= 1 && seconds <= longestSeconds) return seconds;
  throw new BadRequest('interval', `must be like 30s, 5m, 1h, 1d or 1w, at most 366d, or auto; got ${shown(text)}.`);
};

const readField = (name: 'by' | 'field', written: unknown): string => {
  const text = onlyText(name, written);
  if (text !== undefined && fieldKind(text) !== undefined) return text;
  if (text === undefined) throw new BadRequest(name, 'is needed: a field to count the values of, such as user.id.');
  const meant = meantField(text);
  throw new BadRequest(
    name,
    `names ${shown(text)}, which is no field. ${meant === undefined ? 'GET /v1/fields lists them.' : `Did you mean ${meant}?`}`,
  );
};

const readSize = (written: unknown): number => {
  const text = onlyText('size', written);
  if (text === undefined) return topSizes.usual;
  const size = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (size >= 1 && size <= topSizes.most) return size;
  throw new BadRequest('size', `must be a whole number from 1 to ${topSizes.most}; got ${shown(text)}.`);
};
