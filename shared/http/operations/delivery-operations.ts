/** Calls about deliveries: attempts and dead letters. */
import {
  discardDeadLetter,
  listDeadLetters,
  readDeadLetter,
  retryDeadLetter,
} from '../../flows/manage/dead-letters.ts';
import { listAttempts } from '../../flows/manage/list-attempts.ts';
import type { ManageDeps } from '../../flows/manage/manage-deps.ts';
import { type Operation, operation } from '../operation.ts';
import { replyTo, withVersion } from '../reply.ts';
import { attemptList, deadLetter, deadLetterList, discardBody } from '../schemas/call-schemas.ts';
import { pageOf, pageQuery } from '../schemas/paging.ts';
import { subscription } from '../schemas/subscription-schemas.ts';
import { idParameter, letterParameter } from './parameters.ts';

const lettersPath = '/v1/subscriptions/{id}/dead-letters';

export const deliveryOperations: readonly Operation<ManageDeps>[] = [
  operation({
    method: 'GET',
    path: '/v1/subscriptions/{id}/attempts',
    name: 'listAttempts',
    tag: 'Deliveries',
    summary: 'Lists the attempts of the last 30 days',
    description: 'The newest first: when, how long, what was answered. Events are never part of it.',
    parameters: idParameter,
    scopes: ['subscriptions:read'],
    query: pageQuery,
    answers: { 200: { description: 'A page.', schema: attemptList } },
    handle: async (deps, { caller, params: { id = '' }, query }) =>
      replyTo(await listAttempts(deps, caller, id, pageOf(query)), (body) => ({ status: 200, body })),
  }),
  operation({
    method: 'GET',
    path: lettersPath,
    name: 'listDeadLetters',
    tag: 'Deliveries',
    summary: 'Lists the events that the destination refuses',
    description: 'An event that is refused alone, while others are taken, is put aside here, and the rest goes on.',
    parameters: idParameter,
    scopes: ['subscriptions:read'],
    query: pageQuery,
    answers: { 200: { description: 'A page.', schema: deadLetterList } },
    handle: async (deps, { caller, params: { id = '' }, query }) =>
      replyTo(await listDeadLetters(deps, caller, id, pageOf(query)), (body) => ({ status: 200, body })),
  }),
  operation({
    method: 'GET',
    path: `${lettersPath}/{letter}`,
    name: 'readDeadLetter',
    tag: 'Deliveries',
    summary: 'Reads a dead letter, with its event',
    description: 'The event is read from the journal, and is absent once the journal no longer keeps it.',
    parameters: letterParameter,
    // The answer shows an event, so reading events must be allowed too.
    scopes: ['events:read', 'subscriptions:write'],
    answers: { 200: { description: 'The letter.', schema: deadLetter } },
    handle: async (deps, { caller, params: { id = '', letter = '' } }) =>
      replyTo(await readDeadLetter(deps, caller, id, letter), (body) => ({ status: 200, body })),
  }),
  operation({
    method: 'POST',
    path: `${lettersPath}/{letter}/retry`,
    name: 'retryDeadLetter',
    tag: 'Deliveries',
    summary: 'Sends the event of a dead letter once more',
    description: 'Next, as a batch of its own. The letter is gone once it is accepted.',
    parameters: letterParameter,
    scopes: ['subscriptions:write'],
    repeatable: true,
    answers: {
      200: { description: 'The subscription as it is now.', schema: subscription, headers: ['ETag'] },
      409: { description: 'The journal no longer keeps the event, or another letter is being sent.' },
    },
    handle: async (deps, { caller, params: { id = '', letter = '' } }) =>
      replyTo(await retryDeadLetter(deps, caller, id, letter), (view) => withVersion(view, view.version)),
  }),
  operation({
    method: 'POST',
    path: `${lettersPath}/{letter}/discard`,
    name: 'discardDeadLetter',
    tag: 'Deliveries',
    summary: 'Gives a dead letter up',
    description: 'Nobody will send it. The journal keeps the event; the audit journal says who gave it up, and why.',
    parameters: letterParameter,
    scopes: ['subscriptions:write'],
    repeatable: true,
    body: discardBody,
    answers: { 204: { description: 'It is gone.' } },
    handle: async (deps, { caller, params: { id = '', letter = '' }, body: { reason } }) =>
      replyTo(await discardDeadLetter(deps, caller, id, letter, { reason }), () => ({ status: 204 })),
  }),
];
