import { hash } from 'node:crypto';
import { shown } from './bad-parameters.ts';
import { BadRequest } from './errors.ts';
import type { Filter } from './filter.ts';
import { parseFilter, type WrittenFilter } from './filter-parse.ts';
import { type Format, formats, projectable } from './formats/write-events.ts';
import { attempt, gather } from './gather.ts';
import { onlyText } from './parameter.ts';
import { fieldKind, knownFields, meantField } from './question/fields.ts';
import { leadingStarIn, timeRangeOf } from './question/question-bounds.ts';

/** A question about events, checked. The tenant comes from the API key, never from the question. */
export interface EventQuery {
  readonly filter: Filter;
  /** By time, then by event key. */
  readonly sort: 'asc' | 'desc';
  /** Most events in one answer. */
  readonly limit: number;
  /** `next` of the answer before. */
  readonly cursor?: string;
  /** What `now` means in it, epoch ms. */
  readonly asOfMs: number;
  /** How the events are written; absent: the caller did not say. */
  readonly format?: Format;
  /** The fields of each event that are answered; absent: all. */
  readonly fields?: readonly string[];
}

export const queryLimits = { least: 1, usual: 100, most: 1_000 } as const;

const ownFields = ['sort', 'limit', 'cursor', 'format', 'fields'];
/** A caller who names more fields can as well ask for whole events. */
const mostFields = 100;

/**
 * The question that a caller wrote.
 * @param clock.nowMs what relative times count from
 * @param clock.asOf what relative times counted from when the question of this cursor was first asked; throws BadRequest for a wrong cursor
 * @throws BadParameters with every mistake at once
 */
export const readEventQuery = (
  written: WrittenFilter,
  clock: { readonly nowMs: number; readonly asOf: (cursor: string) => number },
): EventQuery => {
  const { sort, limit, cursor, format, fields, ...rest } = written;
  const start = attempt(() => readCursor(cursor));
  const form = attempt(() => readFormat(format));
  const asOf = attempt(() => (start.value === undefined ? clock.nowMs : clock.asOf(start.value)));
  const filter = attempt(() => parseFilter(rest, { nowMs: asOf.value ?? clock.nowMs, knownBeside: ownFields }));
  const read = gather({
    sort: () => readSort(sort),
    limit: () => readLimit(limit),
    cursor: start,
    format: form,
    fields: () => readFields(fields, form.value),
    asOfMs: asOf,
    filter,
    bounded: () => refuseEndlessScan(filter.value ?? {}),
  });
  return {
    filter: read.filter,
    sort: read.sort,
    limit: read.limit,
    asOfMs: read.asOfMs,
    ...(read.cursor !== undefined && { cursor: read.cursor }),
    ...(read.format !== undefined && { format: read.format }),
    ...(read.fields !== undefined && { fields: read.fields }),
  };
};

/** Equal for equal questions, whatever order their parameters were written in; 22 base64url characters. */
export const filterHash = (filter: Filter): string => {
  const sorted = Object.entries(filter).sort(([a], [b]) => (a < b ? -1 : 1));
  return hash('sha256', JSON.stringify(sorted), 'base64url').slice(0, 22);
};

const refuseEndlessScan = ({ from, question }: Filter): void => {
  const field = question && leadingStarIn(question);
  if (!question || field === undefined || from !== undefined || timeRangeOf(question).from !== undefined) return;
  throw new BadRequest(
    'q',
    `asks ${field} for a value that begins with a star, of all times. Say since when: from=now-7d, or @timestamp >= now-7d.`,
  );
};

const readSort = (written: unknown): 'asc' | 'desc' => {
  const text = onlyText('sort', written) ?? 'desc';
  if (text === 'asc' || text === 'desc') return text;
  throw new BadRequest('sort', `must be asc (oldest first) or desc (newest first); got ${shown(text)}.`);
};

const readLimit = (written: unknown): number => {
  const text = onlyText('limit', written) ?? String(queryLimits.usual);
  const limit = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (limit >= queryLimits.least && limit <= queryLimits.most) return limit;
  throw new BadRequest(
    'limit',
    `must be a whole number from ${queryLimits.least} to ${queryLimits.most}; got ${shown(text)}.`,
  );
};

const readCursor = (written: unknown): string | undefined => {
  const text = onlyText('cursor', written);
  if (text === '') throw new BadRequest('cursor', 'is empty. Leave it out to begin at the start.');
  return text;
};

const readFormat = (written: unknown): Format | undefined => {
  const text = onlyText('format', written);
  const format = formats.find((each) => each === text);
  if (text === undefined || format !== undefined) return format;
  throw new BadRequest('format', `must be one of ${formats.join(', ')}; got ${shown(text)}.`);
};

const readFields = (written: unknown, format: Format | undefined): readonly string[] | undefined => {
  const text = onlyText('fields', Array.isArray(written) ? written.join(',') : written);
  if (text === undefined) return undefined;
  if (format !== undefined && !projectable.has(format))
    throw new BadRequest('fields', `is not for ${format}, which is made of the whole event. Leave it out.`);
  const fields = [...new Set(text.split(',').map((field) => field.trim()))];
  if (fields.length > mostFields)
    throw new BadRequest('fields', `names ${fields.length} fields; at most ${mostFields} are allowed.`);
  for (const field of fields) {
    if (isFieldOrAbove(field)) continue;
    const meant = meantField(field);
    throw new BadRequest(
      'fields',
      `names ${shown(field)}, which is no field. ${meant === undefined ? 'GET /v1/fields lists them.' : `Did you mean ${meant}?`}`,
    );
  }
  return fields;
};

/** Whether it is a field or an object above fields: `user` stands for all fields below it. */
const isFieldOrAbove = (field: string): boolean =>
  fieldKind(field) !== undefined ||
  knownFields.some((known) => known.startsWith(`${field}.`)) ||
  field === 'labels' ||
  field === 'closer';
