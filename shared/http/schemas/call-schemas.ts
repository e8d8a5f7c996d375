/** Bodies and answers of the calls that make a subscription do something. */
import * as z from 'zod';
import { instant, pageMark, schema, strictFields, words } from './named.ts';

export const pauseBody = schema(
  'Pause',
  { description: 'Why, for whoever finds it paused.', example: { reason: 'SIEM maintenance until Monday' } },
  strictFields({ reason: words(200).optional() }),
);

export const rotateBody = schema(
  'Rotation',
  { description: 'How the former secret ends.', example: { overlapSeconds: 3600 } },
  strictFields({
    overlapSeconds: z.int().min(0).max(604_800).optional().meta({
      description: 'How long both secrets sign: 0 to 604 800 (7 days), default 86 400. 0 ends the former one at once.',
    }),
  }),
);

const place = z.union([z.string().min(1).max(64), z.int().min(0)], {
  error: 'must be an instant in UTC, for example "2026-05-05T00:00:00Z", or the number of a segment',
});

export const replayBody = schema(
  'Replay',
  { description: 'What is sent once more.', example: { from: '2026-05-05T00:00:00Z', to: '2026-05-06T00:00:00Z' } },
  strictFields({
    from: place.meta({ description: 'An instant: events dated from then on. A number: from this segment on.' }),
    to: place.optional().meta({
      description:
        'Exclusive, of the same kind. With it, deliveries then go on where they were; without, everything from `from` on is sent.',
    }),
  }),
);

export const discardBody = schema(
  'Discard',
  {
    description: 'Why nobody will need the event there.',
    example: { reason: 'The receiver cannot store it; kept in the journal' },
  },
  strictFields({ reason: words(200) }),
);

const response = {
  status: z.int().optional().meta({ description: 'Of HTTP; absent when there was no answer.' }),
  body: z.string().optional().meta({ description: 'The first 16 KiB of the answer, secrets masked.' }),
  requestId: z.string().optional().meta({ description: 'What the receiver calls the request, where it says so.' }),
};

const outcome = z
  .enum(['delivered', 'retry', 'throttled', 'misconfigured', 'gone', 'too large', 'poison'])
  .meta({ description: 'What it came to, by the rules of the destination.' });

export const testResult = schema(
  'TestResult',
  {
    description: 'What a test message came to. A failure is a result like any other.',
    example: { kind: 'delivered', answer: '200 OK', response: { status: 200, body: 'ok' }, durationMs: 84 },
  },
  z.object({
    kind: outcome,
    answer: z.string().meta({ description: 'What the other side said, for people.' }),
    response: z.object(response).optional(),
    durationMs: z.number(),
  }),
);

const attempt = schema(
  'Attempt',
  { description: 'One try to reach the destination.' },
  z.object({
    id: z.string(),
    kind: z.enum(['batch', 'challenge', 'test', 'digest']),
    at: instant,
    durationMs: z.number(),
    batch: z.string().meta({ description: '`webhook-id` of what was sent.' }),
    sequence: z.int().optional(),
    number: z.int().meta({ description: 'In a row, from 1.' }),
    events: z.int(),
    outcome,
    answer: z.string(),
    ...response,
  }),
);

export const attemptList = schema(
  'AttemptList',
  { description: 'A page of attempts, the newest first.' },
  z.object({ items: z.array(attempt), next: pageMark.optional() }),
);

const letter = {
  id: z.string(),
  event: z.string().meta({ description: '`event.id`.' }),
  batch: z.string().meta({ description: '`webhook-id` of the batch that held it.' }),
  answer: z.string().meta({ description: 'What the destination said.' }),
  at: instant,
};

export const deadLetterList = schema(
  'DeadLetterList',
  { description: 'A page of dead letters, ordered by id (not by time).' },
  z.object({ items: z.array(z.looseObject(letter)), next: pageMark.optional() }),
);

export const deadLetter = schema(
  'DeadLetter',
  { description: 'An event that the destination refuses, with the event itself while the journal keeps it.' },
  z.looseObject({ ...letter, content: z.looseObject({}).optional().meta({ description: 'The event, ECS.' }) }),
);
