import * as z from 'zod';
import { instant, schema } from './named.ts';

export const polledBatch = schema(
  'PolledBatch',
  { description: 'A batch, exactly as a webhook is sent it.' },
  z.object({
    type: z.literal('closer.security.events'),
    timestamp: instant,
    data: z.object({
      subscription: z.string(),
      sequence: z.int(),
      previous: z.string(),
      events: z.array(z.looseObject({})),
    }),
  }),
);
