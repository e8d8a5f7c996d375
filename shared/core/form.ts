/** The form in which events travel to a subscription. The filter sees the whole event; this is what leaves. */
import { toEcsFlat } from './ecs-flat.ts';
import type { EcsEvent } from './event.ts';
import { withoutPersonalData } from './personal-data.ts';
import { projection } from './projection.ts';
import type { Subscription } from './subscription.ts';

export type Form = Pick<Subscription, 'format' | 'fields' | 'personalData'>;

/** ECS nested, whole: lines leave as they lie in the journal, never parsed. */
export const isAsJournaled = ({ format, fields, personalData }: Form): boolean =>
  format === 'ecs' && fields === undefined && personalData === undefined;

/** Events in this form; what it keeps of `event.id` and `@timestamp` is what the event has. */
export const formOf = ({ format, fields, personalData }: Form): ((event: EcsEvent) => object) => {
  const project = fields && projection(fields);
  return (event) => {
    const allowed = personalData === 'hide' ? withoutPersonalData(event) : event;
    const wanted = (project ? project(allowed as unknown as Readonly<Record<string, unknown>>) : allowed) as EcsEvent;
    switch (format) {
      case 'ecs':
        return wanted;
      case 'ecs-flat':
        return toEcsFlat(wanted);
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

/** `event.id` of a line in whatever form. */
export const eventIdIn = (line: Uint8Array): string => {
  const event = parsedLine(line) as { readonly event?: { readonly id?: string }; readonly 'event.id'?: string };
  return event.event?.id ?? event['event.id'] ?? '';
};
