/** Keys, the audit journal and the status. */
import { createKey, listKeys, revokeKey } from '../../flows/manage/keys.ts';
import type { ManageDeps } from '../../flows/manage/manage-deps.ts';
import { readAudit } from '../../flows/manage/read-audit.ts';
import { readTenantStatus } from '../../flows/manage/tenant-status.ts';
import { type Operation, operation } from '../operation.ts';
import { replyTo } from '../reply.ts';
import { auditList, createdKey, keyList, keySchema, keyToCreate, status } from '../schemas/admin-schemas.ts';
import { instant, strictFields } from '../schemas/named.ts';
import { pageOf, pageQuery, paging } from '../schemas/paging.ts';

export const adminOperations: readonly Operation<ManageDeps>[] = [
  operation({
    method: 'POST',
    path: '/v1/keys',
    name: 'createKey',
    tag: 'Keys',
    summary: 'Makes an API key',
    description:
      'The answer holds the key, this once; only its hash is stored. The first key is made on the command line: `npx sluice keys create`. A tenant has at most 100 keys that are neither revoked nor expired.',
    scopes: ['keys:write'],
    repeatable: true,
    body: keyToCreate,
    answers: {
      201: { description: 'The key.', schema: createdKey, headers: ['Location'] },
      409: {
        description:
          'The tenant has 100 keys that are neither revoked nor expired, or the first request with this Idempotency-Key is under way.',
      },
    },
    handle: async (deps, { caller, body: { tenant, scopes, name, expiresAt } }) =>
      replyTo(
        await createKey(deps, caller, {
          scopes,
          ...(tenant !== undefined && { tenant }),
          ...(name !== undefined && { name }),
          ...(expiresAt !== undefined && { expiresAt }),
        }),
        (created) => ({ status: 201, body: created, headers: { Location: `/v1/keys/${created.key.id}` } }),
      ),
  }),
  operation({
    method: 'GET',
    path: '/v1/keys',
    name: 'listKeys',
    tag: 'Keys',
    summary: 'Lists the API keys',
    description:
      'Revoked and expired ones too, of which the 900 that ended last are kept. When each was used last is told to within five minutes.',
    scopes: ['keys:write'],
    query: pageQuery,
    answers: { 200: { description: 'A page.', schema: keyList } },
    handle: async (deps, { caller, query }) => ({ status: 200, body: await listKeys(deps, caller, pageOf(query)) }),
  }),
  operation({
    method: 'DELETE',
    path: '/v1/keys/{id}',
    name: 'revokeKey',
    tag: 'Keys',
    summary: 'Revokes an API key',
    description: 'For good. Running processes notice within a minute. Revoking it again changes nothing.',
    parameters: { id: 'Of the key, 16 hex digits.' },
    scopes: ['keys:write'],
    answers: { 200: { description: 'The key as it is now.', schema: keySchema } },
    handle: async (deps, { caller, params: { id = '' } }) =>
      replyTo(await revokeKey(deps, caller, id), (body) => ({ status: 200, body })),
  }),
  operation({
    method: 'GET',
    path: '/v1/audit',
    name: 'readAudit',
    tag: 'Audit',
    summary: 'Reads who changed what',
    description:
      'Every change through the API or the command line, the oldest first. It names fields, never their values.',
    scopes: ['subscriptions:read'],
    query: strictFields({
      ...paging,
      from: instant.optional().meta({ description: 'An instant: not what happened before.' }),
    }),
    answers: { 200: { description: 'A page.', schema: auditList } },
    handle: async (deps, { caller, query }) => ({
      status: 200,
      body: await readAudit(deps, caller, { ...pageOf(query), ...(query.from !== undefined && { from: query.from }) }),
    }),
  }),
  operation({
    method: 'GET',
    path: '/v1/status',
    name: 'readStatus',
    tag: 'Status',
    summary: 'Tells how far everything has come',
    description:
      'From records alone, so it may be asked often. An operator’s key is told of everybody’s subscriptions.',
    scopes: ['subscriptions:read'],
    answers: { 200: { description: 'The status.', schema: status } },
    handle: async (deps, { caller }) => ({ status: 200, body: await readTenantStatus(deps, caller) }),
  }),
];
