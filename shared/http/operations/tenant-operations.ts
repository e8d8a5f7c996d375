/** The directory of tenants, for operators. */
import {
  deleteTenant,
  listTenants,
  putTenant,
  readTenant,
  type TenantChangeDeps,
} from '../../flows/tenants-directory-changes.ts';
import { entityTag } from '../conditions.ts';
import { type Operation, operation } from '../operation.ts';
import { replyTo } from '../reply.ts';
import { putTenantAnswer, tenant, tenantList, tenantToPut } from '../schemas/admin-schemas.ts';

const path = '/v1/tenants/{id}';
const told = { tag: 'Tenants', scopes: ['operator'] } as const;
const parameters = { id: 'Of the tenant: 1 to 64 of a-z 0-9 . _ -.' };

const tagOf = (version: number | undefined) => (version === undefined ? {} : { ETag: entityTag(version) });

export const tenantOperations: readonly Operation<TenantChangeDeps>[] = [
  operation({
    ...told,
    method: 'GET',
    path: '/v1/tenants',
    name: 'listTenants',
    summary: 'Lists the tenants',
    description: 'Those of the settings’ file too.',
    answers: { 200: { description: 'All of them, by id.', schema: tenantList } },
    handle: async (deps, { caller }) =>
      replyTo(await listTenants(deps, caller), (items) => ({ status: 200, body: { items } })),
  }),
  operation({
    ...told,
    method: 'GET',
    path,
    name: 'readTenant',
    summary: 'Reads a tenant',
    parameters,
    answers: { 200: { description: 'The tenant.', schema: tenant, headers: ['ETag'] } },
    handle: async (deps, { caller, params: { id = '' } }) =>
      replyTo(await readTenant(deps, caller, id), (view) => ({
        status: 200,
        body: view,
        headers: tagOf(view.version),
      })),
  }),
  operation({
    ...told,
    method: 'PUT',
    path,
    name: 'putTenant',
    summary: 'Writes a tenant whole',
    description:
      'With If-Match it changes the version that you have read; without, or with `*`, whatever is there. Events are attributed so within a minute; `npx sluice reattribute` does the rest.',
    parameters,
    ifMatch: 'optional',
    body: tenantToPut,
    answers: {
      200: { description: 'Changed, or as it was.', schema: putTenantAnswer, headers: ['ETag'] },
      201: { description: 'Created.', schema: putTenantAnswer, headers: ['ETag', 'Location'] },
      409: { description: 'It is kept in the settings’ file.' },
    },
    handle: async (deps, { caller, params: { id = '' }, written, expected }) =>
      replyTo(
        await putTenant(deps, caller, id, { body: written, ...(expected !== undefined && { expected }) }),
        (put) => ({
          status: put.outcome === 'created' ? 201 : 200,
          body: put,
          headers: {
            ...tagOf(put.tenant.version),
            ...(put.outcome === 'created' && { Location: `/v1/tenants/${encodeURIComponent(id)}` }),
          },
        }),
      ),
  }),
  operation({
    ...told,
    method: 'DELETE',
    path,
    name: 'deleteTenant',
    summary: 'Deletes a tenant',
    description: 'New events of it are nobody’s from now on; those that are journaled stay its own.',
    parameters,
    ifMatch: 'needed',
    answers: {
      204: { description: 'It is gone.' },
      409: { description: 'It has subscriptions, or is kept in the settings’ file.' },
    },
    handle: async (deps, { caller, params: { id = '' }, expected }) =>
      replyTo(await deleteTenant(deps, caller, id, { ...(expected !== undefined && { expected }) }), () => ({
        status: 204,
      })),
  }),
];
