/** What a caller wants exported: a question without an end. */
import { shown } from './bad-parameters.ts';
import { BadRequest } from './errors.ts';
import { type EventQuery, readEventQuery } from './event-query.ts';
import type { WrittenFilter } from './filter-parse.ts';
import type { LineFormat } from './formats/write-events.ts';
import { attempt, gather } from './gather.ts';
import { onlyValue } from './parameter.ts';

export interface ExportQuery extends Omit<EventQuery, 'limit' | 'format'> {
  readonly format?: LineFormat;
  /** `event.id` of the last event that the caller has; the export goes on behind it. */
  readonly after?: string;
}

/** As long as the longest names of an index and of a document together. */
const longestId = 1_024;

/**
 * The parameters of `GET /v1/events`, but for `limit`, and `after`.
 * @throws BadParameters with every mistake
 */
export const readExportQuery = (
  { after: written, limit, ...question }: WrittenFilter,
  clock: Parameters<typeof readEventQuery>[1],
): ExportQuery => {
  const asked = attempt(() => readEventQuery(question, clock));
  const {
    asked: { limit: _, format: __, ...query },
    format,
    after,
  } = gather({
    asked,
    noLimit: () => refuseLimit(limit),
    format: () => readLines(asked.value?.format),
    after: () => readAfter(written, asked.value?.cursor),
  });
  return { ...query, ...(format !== undefined && { format }), ...(after !== undefined && { after }) };
};

const refuseLimit = (written: unknown): void => {
  if (written !== undefined)
    throw new BadRequest('limit', 'is not for an export, which goes to the end. Leave it out.');
};

const readLines = (format: EventQuery['format']): LineFormat | undefined => {
  if (format !== 'json') return format;
  throw new BadRequest('format', 'must be one that is written line by line, such as ndjson or csv; got "json".');
};

const readAfter = (written: unknown, cursor: string | undefined): string | undefined => {
  const id = onlyValue('after', written);
  if (id === undefined) return undefined;
  if (typeof id !== 'string' || id === '' || id.length > longestId)
    throw new BadRequest('after', `must be the event.id of one event; got ${shown(id)}.`);
  if (cursor !== undefined) throw new BadRequest('after', 'cannot be given beside cursor. Give one of them.');
  return id;
};
