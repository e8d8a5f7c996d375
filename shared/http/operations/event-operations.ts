/** The calls that the query function answers, as the document tells them; `event-routes.ts` answers them. */
import * as z from 'zod';
import { topSizes } from '../../core/count-query.ts';
import { queryLimits } from '../../core/event-query.ts';
import { filterFields } from '../../core/filter-parse.ts';
import { formats, lineFormats } from '../../core/formats/write-events.ts';
import { keysPath } from '../keys-route.ts';
import type { ToldOperation } from '../operation.ts';
import {
  actionList,
  event,
  eventList,
  eventOrNeighbours,
  eventSearch,
  fieldList,
  histogram,
  keySet,
  topValues,
} from '../schemas/event-schemas.ts';

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

const question = Object.fromEntries(filterFields.map((name) => [name, parameter(meanings[name] ?? name)]));
const page = {
  sort: z.enum(['desc', 'asc']).optional().meta({ description: 'By time; the newest first when it is left out.' }),
  limit: z.int().min(queryLimits.least).max(queryLimits.most).optional().meta({ description: 'Default 100.' }),
  cursor: parameter('`next` of the answer before.'),
  format: z.enum(formats).optional(),
  fields: parameter(
    'Which fields of each event are answered, with commas; with `json`, `ndjson`, `ecs-flat` and `csv`.',
  ),
};
const told = { tag: 'Events', scopes: ['events:read'] } as const;
const pageAnswer = {
  200: { description: 'A page.', schema: eventList, headers: ['Sluice-Next', 'Sluice-Progress'] },
} as const;

export const eventOperations: readonly ToldOperation[] = [
  {
    ...told,
    method: 'GET',
    path: '/v1/events',
    name: 'listEvents',
    summary: 'Answers which events there are',
    description:
      'Read from the source and redacted as in the journal. Every parameter that is given must hold; of several values of one, one must. `docs/query.md` tells it all.',
    query: z.strictObject({ ...question, ...page }),
    answers: { 200: { ...pageAnswer[200], headers: ['Link', 'Sluice-Next', 'Sluice-Progress'] } },
  },
  {
    ...told,
    method: 'POST',
    path: '/v1/events/search',
    name: 'searchEvents',
    summary: 'Answers a question that is too long for a URL',
    description: 'The parameters of `GET /v1/events` as a JSON object; lists are JSON lists.',
    body: eventSearch,
    answers: pageAnswer,
  },
  {
    ...told,
    method: 'GET',
    path: '/v1/events/export',
    name: 'exportEvents',
    summary: 'Answers a question to its end',
    description:
      'Line by line, however long. One machine streams it, and cuts the connection when it cannot go on; behind an API gateway it comes in parts, each with the `Link` to the next; the last part may be empty.',
    query: z.strictObject({
      ...question,
      sort: page.sort,
      cursor: parameter('`Sluice-Next` of the part before.'),
      after: parameter('`event.id` of the last event that came: the answer goes on behind it.'),
      format: z.enum(lineFormats).optional().meta({ description: 'Default `ndjson`, or by `Accept`.' }),
      fields: page.fields,
    }),
    answers: {
      200: {
        description: 'Events, one a line.',
        schema: event,
        mediaType: 'application/x-ndjson',
        headers: ['Link', 'Sluice-Next', 'Sluice-Progress'],
      },
    },
  },
  {
    ...told,
    method: 'GET',
    path: '/v1/events/histogram',
    name: 'countEvents',
    summary: 'Counts events over time',
    query: z.strictObject({
      ...question,
      interval: parameter('Of one count, for example `1h`; fitting to the range when it is left out.'),
      by: parameter(
        'A field whose values are counted one by one; refused when they are more than 1 MB over all intervals.',
      ),
    }),
    answers: { 200: { description: 'Counts, the oldest first.', schema: histogram } },
  },
  {
    ...told,
    method: 'GET',
    path: '/v1/events/top',
    name: 'topValues',
    summary: 'Counts the values of a field',
    query: z.strictObject({
      ...question,
      field: parameter('Needed: which field, for example `event.action`.'),
      size: z
        .int()
        .min(1)
        .max(topSizes.most)
        .optional()
        .meta({ description: `Default ${topSizes.usual}.` }),
    }),
    answers: { 200: { description: 'The most frequent first.', schema: topValues } },
  },
  {
    ...told,
    method: 'GET',
    path: '/v1/events/{id}',
    name: 'readEvent',
    summary: 'Reads one event',
    parameters: { id: '`event.id`, URL-encoded.' },
    query: z.strictObject({
      around: z
        .int()
        .min(1)
        .max(50)
        .optional()
        .meta({ description: 'That many events before it and after it as well.' }),
    }),
    answers: { 200: { description: 'The event.', schema: eventOrNeighbours } },
  },
  {
    ...told,
    method: 'GET',
    path: '/v1/actions',
    name: 'listActions',
    summary: 'Lists what can happen',
    description: 'The catalogue of actions. With parameters of a question, how often each did.',
    query: z.strictObject(question),
    answers: { 200: { description: 'The catalogue.', schema: actionList } },
  },
  {
    ...told,
    method: 'GET',
    path: '/v1/fields',
    name: 'listFields',
    summary: 'Lists what can be asked for in `q`',
    answers: { 200: { description: 'The fields.', schema: fieldList } },
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
