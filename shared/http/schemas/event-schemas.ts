import * as z from 'zod';
import { schema } from './named.ts';

export const event = schema(
  'Event',
  { description: 'One event, Elastic Common Schema.' },
  z.looseObject({ '@timestamp': z.string().optional(), event: z.looseObject({ id: z.string() }) }),
);

export const eventList = schema(
  'EventList',
  { description: 'Events in the order of their time.' },
  z.object({
    events: z.array(event),
    next: z.string().optional().meta({ description: 'Send it as `cursor` for what follows. Absent: nothing follows.' }),
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
