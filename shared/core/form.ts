/** The form in which events travel to a subscription. The filter sees the whole event; the form decides what of it is sent. */
import { toEcsFlat } from './ecs-flat.ts';
import type { EcsEvent } from './event.ts';
import { toCef } from './formats/cef.ts';
import { toOcsf } from './formats/ocsf.ts';
import { withoutPersonalData } from './personal-data.ts';
import { projection } from './projection.ts';
import type { Subscription } from './subscription.ts';

export type Form = Pick<Subscription, 'format' | 'fields' | 'personalData'>;

/** Whether events travel as whole ECS nested: then lines are sent as they lie in the journal, without parsing. */
export const isAsJournaled = ({ format, fields, personalData }: Form): boolean =>
  format === 'ecs' && fields === undefined && personalData === undefined;

/** Turns events into this form; `event.id` and `@timestamp` keep their values. */
export const formOf = ({ format, fields, personalData }: Form): ((event: EcsEvent) => object | string) => {
  const project = fields && projection(fields);
  return (event) => {
    const allowed = personalData === 'hide' ? withoutPersonalData(event) : event;
    const wanted = (project ? project(allowed as unknown as Readonly<Record<string, unknown>>) : allowed) as EcsEvent;
    switch (format) {
      case 'ecs':
        return wanted;
      case 'ecs-flat':
        return toEcsFlat(wanted);
      case 'ocsf':
        return toOcsf(wanted);
      case 'cef':
        return toCef(wanted);
      default:
        return format satisfies never;
    }
  };
};

/** One line of the journal in this form. */
export const lineIn = (form: Form, line: Uint8Array): Uint8Array =>
  isAsJournaled(form) ? line : Buffer.from(JSON.stringify(formOf(form)(parsedLine(line))));

export const parsedLine = (line: Uint8Array): EcsEvent =>
  JSON.parse(Buffer.from(line.buffer, line.byteOffset, line.length).toString('utf8')) as EcsEvent;

/** `event.id` of a line in whatever form; empty where it has none. */
export const eventIdIn = (line: Uint8Array): string => {
  const event = travelled(line);
  if (typeof event === 'string') return valueIn(event, 'externalId') ?? '';
  return event.event?.id ?? event['event.id'] ?? event.metadata?.uid ?? '';
};

/** `@timestamp` of a line in whatever form, ISO 8601; `undefined` for an event without one. */
export const eventTimeIn = (line: Uint8Array): string | undefined => {
  const event = travelled(line);
  const epochMs = typeof event === 'string' ? Number(valueIn(event, 'rt') ?? Number.NaN) : event.time;
  if (epochMs !== undefined) return Number.isFinite(epochMs) ? new Date(epochMs).toISOString() : undefined;
  return typeof event === 'string' ? undefined : event['@timestamp'];
};

/** The parts of a line that tell which event it is: in ECS nested and flat, and in OCSF; a line of CEF is a text. */
type Travelled =
  | string
  | {
      readonly '@timestamp'?: string;
      readonly event?: { readonly id?: string };
      readonly 'event.id'?: string;
      readonly metadata?: { readonly uid?: string };
      readonly time?: number;
    };

const travelled = (line: Uint8Array): Travelled => parsedLine(line) as unknown as Travelled;

/** The value of a key of CEF's extension, without its escapes. */
const valueIn = (cef: string, key: string): string | undefined =>
  new RegExp(`(?:\\||\\s)${key}=((?:\\\\.|[^\\\\=])*?)(?= \\w+=|$)`).exec(cef)?.[1]?.replace(/\\(.)/g, '$1');
