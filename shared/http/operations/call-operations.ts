/** Calls that make a subscription do something: test, pause, resume, rotate the secret, replay. */
import type { ManageDeps } from '../../flows/manage/manage-deps.ts';
import { pauseSubscription, resumeSubscription } from '../../flows/manage/pause-subscription.ts';
import { replaySubscription } from '../../flows/manage/replay-subscription.ts';
import { rotateSecret } from '../../flows/manage/rotate-secret.ts';
import type { SubscriptionView } from '../../flows/manage/subscription-view.ts';
import { testSubscription } from '../../flows/manage/test-subscription.ts';
import { type Operation, operation } from '../operation.ts';
import { replyTo, withVersion } from '../reply.ts';
import { pauseBody, replayBody, rotateBody, testResult } from '../schemas/call-schemas.ts';
import { rotatedSecret, subscription } from '../schemas/subscription-schemas.ts';
import { idParameter } from './parameters.ts';

const told = {
  method: 'POST',
  tag: 'Subscriptions',
  parameters: idParameter,
  scopes: ['subscriptions:write'],
  repeatable: true,
} as const;

const asItIsNow = { description: 'The subscription as it is now.', schema: subscription, headers: ['ETag'] } as const;

const withTag = (view: SubscriptionView) => withVersion(view, view.version);

export const callOperations: readonly Operation<ManageDeps>[] = [
  operation({
    ...told,
    path: '/v1/subscriptions/{id}/test',
    name: 'testSubscription',
    summary: 'Sends a signed example event',
    description:
      'As it would be sent, under the type `closer.security.test`. It has no place in the sequence, and is in the log of attempts. One at a time, ten a minute for each subscription.',
    answers: {
      200: { description: 'What it came to, failure or not.', schema: testResult },
      409: { description: 'Nothing can be sent to it: it is pending, or polled.' },
    },
    handle: async (deps, { caller, params: { id = '' }, signal }) =>
      replyTo(await testSubscription(deps, caller, id, { signal }), (body) => ({ status: 200, body })),
  }),
  operation({
    ...told,
    path: '/v1/subscriptions/{id}/pause',
    name: 'pauseSubscription',
    summary: 'Sends nothing until it is resumed',
    description: 'Nothing is lost meanwhile. Pausing what is paused changes the reason.',
    ifMatch: 'optional',
    body: pauseBody,
    bodyIs: 'optional',
    answers: { 200: asItIsNow, 409: { description: 'It cannot be paused as it is.' } },
    handle: async (deps, { caller, params: { id = '' }, body: { reason }, expected }) =>
      replyTo(
        await pauseSubscription(deps, caller, id, {
          ...(reason !== undefined && { reason }),
          ...(expected !== undefined && { expected }),
        }),
        withTag,
      ),
  }),
  operation({
    ...told,
    path: '/v1/subscriptions/{id}/resume',
    name: 'resumeSubscription',
    summary: 'Goes on at its cursor, at once',
    description: 'Whatever held it back: paused, failing or disabled. A pending one is sent its challenge again.',
    ifMatch: 'optional',
    answers: { 200: asItIsNow, 409: { description: 'It cannot be resumed as it is.' } },
    handle: async (deps, { caller, params: { id = '' }, expected }) =>
      replyTo(await resumeSubscription(deps, caller, id, { ...(expected !== undefined && { expected }) }), withTag),
  }),
  operation({
    ...told,
    path: '/v1/subscriptions/{id}/rotate-secret',
    name: 'rotateSecret',
    summary: 'Makes a new signing secret',
    description:
      'Both secrets sign for a while, so that the receiver can be changed without a gap. The answer holds the new one, this once.',
    ifMatch: 'optional',
    body: rotateBody,
    bodyIs: 'optional',
    answers: {
      200: { description: 'The new secret.', schema: rotatedSecret, headers: ['ETag'] },
      409: { description: 'It is no webhook of the API.' },
    },
    handle: async (deps, { caller, params: { id = '' }, body: { overlapSeconds }, expected }) =>
      replyTo(
        await rotateSecret(deps, caller, id, {
          ...(overlapSeconds !== undefined && { overlapSeconds }),
          ...(expected !== undefined && { expected }),
        }),
        (rotated) => withVersion(rotated, rotated.subscription.version),
      ),
  }),
  operation({
    ...told,
    path: '/v1/subscriptions/{id}/replay',
    name: 'replaySubscription',
    summary: 'Sends events once more',
    description: 'In batches with new ids, from the journal, as far back as it is kept.',
    ifMatch: 'optional',
    body: replayBody,
    answers: {
      200: asItIsNow,
      409: { description: 'The journal does not reach back that far, or a bounded replay is under way.' },
    },
    handle: async (deps, { caller, params: { id = '' }, body: { from, to }, expected }) =>
      replyTo(
        await replaySubscription(
          deps,
          caller,
          id,
          { from, ...(to !== undefined && { to }) },
          { ...(expected !== undefined && { expected }) },
        ),
        withTag,
      ),
  }),
];
