/** The calls that the query function answers, as the document tells them; `event-routes.ts` answers them. */
import * as z from 'zod';
import { queryLimits } from '../../core/event-query.ts';
import { filterFields } from '../../core/filter-parse.ts';
import { keysPath } from '../keys-route.ts';
import type { ToldOperation } from '../operation.ts';
import { event, eventList, keySet } from '../schemas/event-schemas.ts';

const parameter = (description: string) => z.string().optional().meta({ description });

const meanings: Readonly<Record<string, string>> = {
  q: 'A question in text, for example `event.outcome: failure and not user.roles: admin`.',
  from: 'Not before: an instant, a day, `now`, `now-24h`.',
  to: 'Not after; both ends belong to the range.',
  action: '`event.action`',
  category: '`event.category`',
  kind: '`event.kind`',
  type: '`event.type`',
  outcome: '`event.outcome`',
  user: '`user.id` or `user.email`, the whole of it.',
  role: '`user.roles`',
  ip: '`source.ip`, as addresses or CIDR blocks.',
  method: '`http.request.method`',
  status: '`http.response.status_code`, or a class such as `4xx`.',
  url: 'A part of `url.full`; `*` stands for any text.',
};

export const eventOperations: readonly ToldOperation[] = [
  {
    method: 'GET',
    path: '/v1/events',
    name: 'listEvents',
    tag: 'Events',
    summary: 'Answers which events there are',
    description:
      'Read from the source and redacted as in the journal. Every parameter that is given must hold; of several values of one, one must. `docs/query.md` tells it all.',
    scopes: ['events:read'],
    query: z.strictObject({
      ...Object.fromEntries(filterFields.map((name) => [name, parameter(meanings[name] ?? name)])),
      sort: z.enum(['desc', 'asc']).optional().meta({ description: 'By time; the newest first when it is left out.' }),
      limit: z.int().min(queryLimits.least).max(queryLimits.most).optional().meta({ description: 'Default 100.' }),
      cursor: parameter('`next` of the answer before.'),
      format: z.enum(['json', 'ndjson']).optional(),
    }),
    answers: { 200: { description: 'A page.', schema: eventList, headers: ['Link', 'Sluice-Next'] } },
  },
  {
    method: 'GET',
    path: '/v1/events/{id}',
    name: 'readEvent',
    tag: 'Events',
    summary: 'Reads one event',
    parameters: { id: '`event.id`, URL-encoded.' },
    scopes: ['events:read'],
    answers: { 200: { description: 'The event.', schema: event } },
  },
  {
    method: 'GET',
    path: keysPath,
    name: 'readSigningKeys',
    tag: 'Status',
    summary: 'Gives the public signing keys',
    description: 'With them anybody verifies heads, digests and `v1a` signatures.',
    answers: { 200: { description: 'A JSON Web Key set.', schema: keySet, mediaType: 'application/jwk-set+json' } },
  },
];
