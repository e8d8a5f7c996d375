import * as z from 'zod';
import { isKeyTenant } from '../../core/api-key.ts';
import { changeSubscription } from '../../flows/manage/change-subscription.ts';
import { createSubscription } from '../../flows/manage/create-subscription.ts';
import { deleteSubscription } from '../../flows/manage/delete-subscription.ts';
import type { ManageDeps } from '../../flows/manage/manage-deps.ts';
import { listSubscriptions, readSubscription } from '../../flows/manage/read-subscriptions.ts';
import { entityTag } from '../conditions.ts';
import { type Operation, operation } from '../operation.ts';
import { replyTo, withVersion } from '../reply.ts';
import { strictFields } from '../schemas/named.ts';
import { paging } from '../schemas/paging.ts';
import {
  createdSubscription,
  subscription,
  subscriptionList,
  subscriptionPatch,
  subscriptionToCreate,
} from '../schemas/subscription-schemas.ts';
import { subscriptionMistakes } from '../subscription-mistakes.ts';
import { idParameter } from './parameters.ts';

const path = '/v1/subscriptions';
const onePath = '/v1/subscriptions/{id}';

export const subscriptionOperations: readonly Operation<ManageDeps>[] = [
  operation({
    method: 'POST',
    path,
    name: 'createSubscription',
    tag: 'Subscriptions',
    summary: 'Creates a subscription',
    description:
      'A webhook is `pending` until its endpoint answers a signed challenge (`closer.security.challenge`) with the token, as the whole body or as `{ "challenge": "…" }`. Events wait for it from now on: none is lost. The answer holds the signing secret, this once.',
    scopes: ['subscriptions:write'],
    repeatable: true,
    body: subscriptionToCreate,
    alsoWrong: subscriptionMistakes,
    answers: {
      201: { description: 'Created.', schema: createdSubscription, headers: ['ETag', 'Location'] },
      409: { description: 'The tenant has as many subscriptions as it may have.' },
    },
    handle: async (deps, { caller, written }) =>
      replyTo(await createSubscription(deps, caller, written), (created) => ({
        status: 201,
        body: created,
        headers: {
          ETag: entityTag(created.subscription.version),
          Location: `${path}/${created.subscription.id}`,
        },
      })),
  }),
  operation({
    method: 'GET',
    path,
    name: 'listSubscriptions',
    tag: 'Subscriptions',
    summary: 'Lists the subscriptions',
    description: 'By id. Those that the operator keeps in the settings’ file are among them.',
    scopes: ['subscriptions:read'],
    query: strictFields({
      ...paging,
      tenant: z
        .string()
        .refine(isKeyTenant, 'must be the id of a tenant, or * for those of operators')
        .optional()
        .meta({ description: 'For operators: only those of this tenant.' }),
    }),
    answers: { 200: { description: 'A page.', schema: subscriptionList } },
    handle: async (deps, { caller, query: { limit, after, tenant } }) => ({
      status: 200,
      body: await listSubscriptions(deps, caller, {
        limit,
        ...(after !== undefined && { after }),
        ...(tenant !== undefined && { tenant }),
      }),
    }),
  }),
  operation({
    method: 'GET',
    path: onePath,
    name: 'readSubscription',
    tag: 'Subscriptions',
    summary: 'Reads a subscription',
    description: 'With its state, the reason in words, and how far it has come.',
    parameters: idParameter,
    scopes: ['subscriptions:read'],
    answers: { 200: { description: 'The subscription.', schema: subscription, headers: ['ETag'] } },
    handle: async (deps, { caller, params: { id = '' } }) =>
      replyTo(await readSubscription(deps, caller, id), (view) => withVersion(view, view.version)),
  }),
  operation({
    method: 'PATCH',
    path: onePath,
    name: 'changeSubscription',
    tag: 'Subscriptions',
    summary: 'Changes a subscription',
    description:
      'A JSON merge patch. Its id, tenant, start, type of destination and external id do not change. A webhook whose URL changes must answer a challenge again; events wait for it. Its headers are written anew with it, or taken away with `null`: a new URL is not sent the old ones.',
    parameters: idParameter,
    scopes: ['subscriptions:write'],
    ifMatch: 'needed',
    bodyIs: 'merge patch',
    body: subscriptionPatch,
    answers: {
      200: { description: 'The subscription as it is now.', schema: subscription, headers: ['ETag'] },
      409: { description: 'It is kept in the settings’ file.' },
    },
    handle: async (deps, { caller, params: { id = '' }, written, expected }) =>
      replyTo(
        await changeSubscription(deps, caller, id, written, { ...(expected !== undefined && { expected }) }),
        (view) => withVersion(view, view.version),
      ),
  }),
  operation({
    method: 'DELETE',
    path: onePath,
    name: 'deleteSubscription',
    tag: 'Subscriptions',
    summary: 'Deletes a subscription',
    description: 'Nothing is sent any more. Its dead letters are gone; the events themselves stay in the journal.',
    parameters: idParameter,
    scopes: ['subscriptions:write'],
    ifMatch: 'needed',
    answers: { 204: { description: 'It is gone.' }, 409: { description: 'It is kept in the settings’ file.' } },
    handle: async (deps, { caller, params: { id = '' }, expected }) =>
      replyTo(await deleteSubscription(deps, caller, id, { ...(expected !== undefined && { expected }) }), () => ({
        status: 204,
      })),
  }),
];
