/** Calls for customers behind a firewall, who fetch their batches. */
import * as z from 'zod';
import { problem } from '../../core/problem.ts';
import { findSubscription } from '../../flows/manage/find-subscription.ts';
import { longestPollMs, type PollDeps, pollBatch } from '../../flows/poll-subscription.ts';
import type { Roster } from '../../flows/roster.ts';
import { type Asked, type Operation, operation, type Reply } from '../operation.ts';
import { wholeNumber } from '../query-parameters.ts';
import { nothingHere, problemReply } from '../reply.ts';
import { strictFields } from '../schemas/named.ts';
import { polledBatch } from '../schemas/poll-schemas.ts';
import { idParameter } from './parameters.ts';

export interface PollOperationDeps extends PollDeps {
  readonly roster: Pick<Roster, 'get' | 'fromFile'>;
  /** How long a request may wait for events; 0 on Lambda, where waiting costs money. */
  readonly mostPollWaitMs: number;
}

const query = strictFields({
  ack: z.string().min(1).max(128).optional().meta({
    description:
      '`webhook-id` of the batch that was handed out last and is safe now: it is committed, and the next one is handed out.',
  }),
  wait: wholeNumber({ from: 0, to: longestPollMs / 1000, usual: 0 }).meta({
    description: 'Seconds to wait while there is nothing. On Lambda an answer is given at once.',
  }),
});

const batchHeaders = ['Webhook-Id', 'Webhook-Timestamp', 'Webhook-Signature', 'Sluice-Acknowledged'] as const;

export const pollOperations: readonly Operation<PollOperationDeps>[] = [
  operation({
    method: 'GET',
    path: '/v1/subscriptions/{id}/batches',
    name: 'pollBatches',
    tag: 'Poll',
    summary: 'Fetches the next batch',
    description:
      'The same batches, ids, hashes and signatures as a webhook would be sent. Without `ack` the same batch is answered again, byte for byte; the request that acknowledges it is given the next one. `Sluice-Acknowledged: now` or `before` says what became of `ack`.',
    parameters: idParameter,
    // `subscriptions:write` is enough: its holder may have every event sent anyway.
    scopes: ['events:read', 'subscriptions:write'],
    query,
    answers: {
      200: { description: 'A batch, with the headers of a webhook.', schema: polledBatch, headers: [...batchHeaders] },
      204: { description: 'Nothing waits.' },
      409: { description: 'It is not polled, is paused, or no batch of this id was handed out last.' },
    },
    handle: poll,
  }),
];

async function poll(deps: PollOperationDeps, asked: Asked<z.infer<typeof query>, unknown>): Promise<Reply> {
  const { caller, params, signal } = asked;
  const id = params['id'] ?? '';
  // The tenant is checked before the subscription is read: an error while reading another tenant's would show that it exists.
  const subscription = (await findSubscription(deps, caller, id)) && (await deps.roster.get(id));
  if (!subscription) return nothingHere;
  const { type } = subscription.destination;
  if (type !== 'poll')
    return problemReply(
      problem('conflict', `This subscription goes to a destination of type ${type}: nothing waits here.`),
    );
  const { ack, wait } = asked.query;
  const polled = await pollBatch(deps, subscription, {
    ...(ack !== undefined && { acknowledge: ack }),
    maxWaitMs: Math.min(wait * 1000, deps.mostPollWaitMs),
    signal,
  });
  const acknowledged = polled.acknowledged === undefined ? {} : { 'Sluice-Acknowledged': polled.acknowledged };
  switch (polled.kind) {
    case 'batch':
      return { status: 200, body: polled.batch.body, headers: { ...polled.batch.headers, ...acknowledged } };
    case 'nothing':
      return { status: 204, headers: acknowledged };
    case 'paused':
      return problemReply(
        problem(
          'conflict',
          `It is paused${polled.reason === undefined ? '' : `: ${polled.reason}`}. Resume it to go on.`,
        ),
        acknowledged,
      );
    case 'unknown acknowledgement':
      return problemReply(
        problem('conflict', unknownAck(polled.handedOut), [
          { parameter: 'ack', detail: 'names no batch that was handed out last.' },
        ]),
      );
    default:
      return polled satisfies never;
  }
}

const unknownAck = (handedOut: string | undefined): string =>
  handedOut === undefined
    ? 'No batch waits to be acknowledged. Leave ack out.'
    : `Nothing was committed. The batch that waits to be acknowledged is ${handedOut}: leave ack out to be given it again.`;
