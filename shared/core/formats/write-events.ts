/** The forms in which events are answered, sent and exported. */
import { toEcsFlat } from '../ecs-flat.ts';
import type { EcsEvent } from '../event.ts';
import { fieldReader } from '../field-value.ts';
import { projection } from '../projection.ts';
import { toCef } from './cef.ts';
import { csvHeader, csvLine, usualColumns } from './csv.ts';
import { toOcsf } from './ocsf.ts';

/** Formats with one event per line, so that parts can be joined to one file. */
export const lineFormats = ['ndjson', 'ecs-flat', 'csv', 'ocsf', 'cef'] as const;
export type LineFormat = (typeof lineFormats)[number];
export const formats = ['json', ...lineFormats] as const;
export type Format = (typeof formats)[number];

/** Formats for which `fields` can be chosen; the others are made from the whole event. */
export const projectable: ReadonlySet<Format> = new Set(['json', 'ndjson', 'ecs-flat', 'csv']);

export interface EventWriter {
  readonly contentType: string;
  /** Written before the first event, also if there is none. */
  readonly head: string;
  /** One event and the end of its line. */
  line(event: EcsEvent): string;
}

/** Writes one event per line. @param fields dotted ECS paths; in CSV they are the columns */
export const eventWriter = (format: LineFormat, fields?: readonly string[]): EventWriter => {
  switch (format) {
    case 'ndjson': {
      const project = projected(fields);
      return ndjson((event) => project(event));
    }
    case 'ecs-flat': {
      const project = projected(fields);
      return ndjson((event) => toEcsFlat(project(event)));
    }
    case 'ocsf':
      return ndjson(toOcsf);
    case 'cef':
      return { contentType: 'text/plain; charset=utf-8', head: '', line: (event) => `${toCef(event)}\n` };
    case 'csv': {
      const columns = fields ?? usualColumns;
      const read = columns.map(fieldReader);
      return {
        contentType: 'text/csv; charset=utf-8; header=present',
        head: csvHeader(columns),
        line: (event) => csvLine(event, read),
      };
    }
    default:
      return format satisfies never;
  }
};

const ndjson = (form: (event: EcsEvent) => unknown): EventWriter => ({
  contentType: 'application/x-ndjson',
  head: '',
  line: (event) => `${JSON.stringify(form(event))}\n`,
});

/** Reduces an event to these fields and those that identify it; without `fields` it stays whole. */
export const projected = (fields: readonly string[] | undefined): ((event: EcsEvent) => EcsEvent) => {
  if (fields === undefined) return (event) => event;
  const keep = projection(fields);
  // The result is still an event, because the identifying fields are always kept.
  return (event) => keep(event as unknown as Readonly<Record<string, unknown>>) as unknown as EcsEvent;
};
