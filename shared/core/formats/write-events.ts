/** The forms in which events are answered, sent and exported. */
import { toEcsFlat } from '../ecs-flat.ts';
import type { EcsEvent } from '../event.ts';
import { fieldReader } from '../field-value.ts';
import { projection } from '../projection.ts';
import { toCef } from './cef.ts';
import { csvHeader, csvLine, usualColumns } from './csv.ts';
import { toOcsf } from './ocsf.ts';

/** Written one event a line: what is put together is a whole again. */
export const lineFormats = ['ndjson', 'ecs-flat', 'csv', 'ocsf', 'cef'] as const;
export type LineFormat = (typeof lineFormats)[number];
export const formats = ['json', ...lineFormats] as const;
export type Format = (typeof formats)[number];

/** Of which `fields` says what is in them; the others are made of the whole event. */
export const projectable: ReadonlySet<Format> = new Set(['json', 'ndjson', 'ecs-flat', 'csv']);

export interface EventWriter {
  readonly contentType: string;
  /** Before the first event, also when there is none. */
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

/** The event with these fields and those that tell events apart; the whole event without `fields`. */
export const projected = (fields: readonly string[] | undefined): ((event: EcsEvent) => EcsEvent) => {
  if (fields === undefined) return (event) => event;
  const keep = projection(fields);
  // What always travels makes it an event still.
  return (event) => keep(event as unknown as Readonly<Record<string, unknown>>) as unknown as EcsEvent;
};
