import * as z from 'zod';
import { schema } from './named.ts';

export const event = schema(
  'Event',
  { description: 'One event, Elastic Common Schema.' },
  z.looseObject({ '@timestamp': z.string().optional(), event: z.looseObject({ id: z.string() }) }),
);

const eventAround = schema(
  'EventAround',
  { description: 'An event and its neighbours, each the oldest first.' },
  z.object({ event, before: z.array(event), after: z.array(event) }),
);

export const eventOrNeighbours = schema(
  'EventOrNeighbours',
  { description: 'The event; with `around`, the event and its neighbours.' },
  z.union([event, eventAround]),
);

export const eventList = schema(
  'EventList',
  { description: 'Events in the order of their time.' },
  z.object({
    events: z.array(event),
    next: z.string().optional().meta({
      description:
        'Send it as `cursor` for what follows. Absent: nothing follows. A full page always has one, so the last page may be empty.',
    }),
  }),
);

export const keySet = schema(
  'KeySet',
  { description: 'Public keys, RFC 7517.' },
  z.object({ keys: z.array(z.looseObject({ kid: z.string(), kty: z.string() })) }),
);

export const openApiDocument = schema(
  'OpenApiDocument',
  { description: 'An OpenAPI document.' },
  z.looseObject({ openapi: z.string(), paths: z.looseObject({}) }),
);

export const eventSearch = schema(
  'EventSearch',
  {
    description: 'A question: the parameters of `GET /v1/events`.',
    example: { outcome: 'failure', action: ['agent_login', 'agent_role_change'], limit: 10 },
  },
  z.looseObject({}),
);

const count = z.int();

export const histogram = schema(
  'Histogram',
  { description: 'How many events there are in each interval.' },
  z.looseObject({ intervalSeconds: count, count, buckets: z.array(z.looseObject({})) }),
);

export const topValues = schema(
  'TopValues',
  { description: 'The most frequent values of a field.' },
  z.looseObject({
    field: z.string(),
    count: count.meta({ description: 'Events of the question.' }),
    without: count.meta({ description: 'Of them, those without the field.' }),
    values: z.array(z.object({ value: z.string(), count })),
    others: count,
  }),
);

export const actionList = schema(
  'ActionList',
  { description: 'The catalogue of actions.' },
  z.object({ actions: z.array(z.looseObject({ action: z.string() })) }),
);

export const fieldList = schema(
  'FieldList',
  { description: 'Fields by name and kind, and those below which any name may be asked for.' },
  z.object({ fields: z.array(z.object({ name: z.string(), kind: z.string() })), open: z.array(z.string()) }),
);
