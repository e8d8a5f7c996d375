/** Keys, tenants, the audit journal, status and health. */
import * as z from 'zod';
import { scopes } from '../../core/api-key.ts';
import { instant, pageMark, schema, strictFields, words } from './named.ts';
import { subscription } from './subscription-schemas.ts';

export const keyToCreate = schema(
  'KeyToCreate',
  {
    description: 'What a new API key may do. Nobody grants more than their own key has.',
    example: { name: 'SIEM import', scopes: ['events:read', 'subscriptions:read'] },
  },
  strictFields({
    tenant: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'Of the key in use when it is left out; operators name any, `*` for an operator.' }),
    scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
    name: words(100).optional().meta({ description: 'What it is for; at most 100 characters.' }),
    expiresAt: z
      .string()
      .max(64)
      .optional()
      .meta({ description: 'An instant in the future. Absent: it does not expire.' }),
  }),
);

const key = schema(
  'Key',
  { description: 'An API key without the key itself.' },
  z.object({
    id: z.string(),
    tenant: z.string(),
    scopes: z.array(z.string()),
    name: z.string().optional(),
    createdAt: instant,
    createdBy: z.string().optional(),
    expiresAt: instant.optional(),
    lastUsedAt: instant.optional().meta({ description: 'To within five minutes.' }),
    revokedAt: instant.optional(),
    state: z.enum(['active', 'expired', 'revoked']),
  }),
);

export { key as keySchema };

export const createdKey = schema(
  'CreatedKey',
  { description: 'A new key.' },
  z.object({
    key,
    text: z.string().meta({ description: 'The key itself, `sluice_…`. Shown in this answer and never again.' }),
  }),
);

export const keyList = schema(
  'KeyList',
  { description: 'A page of keys, by id; expired and revoked ones too.' },
  z.object({ items: z.array(key), next: pageMark.optional() }),
);

const lists = (description: string) => z.array(z.string()).optional().meta({ description });

export const tenantToPut = schema(
  'TenantToPut',
  {
    description: 'By what events are known to be the tenant’s. What is left out is empty afterwards.',
    example: { organizations: ['7c9e6679-7425-40de-944b-e07fc1f90ae7'], emailDomains: ['cobalt.example.com'] },
  },
  strictFields({
    id: z.string().max(64).optional().meta({ description: 'As in the path.' }),
    organizations: lists('Ids of organisations.'),
    users: lists('Ids of users.'),
    emails: lists('E-mail addresses.'),
    emailDomains: lists('What follows the @.'),
    indices: lists('Names of indices or data streams; `*` stands for any text.'),
  }),
);

export const tenant = schema(
  'Tenant',
  { description: 'A tenant of the directory.' },
  z.object({
    id: z.string(),
    organizations: z.array(z.string()),
    users: z.array(z.string()),
    emails: z.array(z.string()),
    emailDomains: z.array(z.string()),
    indices: z.array(z.string()),
    managed: z.enum(['file', 'api']),
    version: z.int().optional(),
    createdAt: instant.optional(),
    changedAt: instant.optional(),
  }),
);

export const tenantList = schema(
  'TenantList',
  { description: 'Every tenant, by id.' },
  z.object({ items: z.array(tenant) }),
);

export const putTenantAnswer = schema(
  'TenantPut',
  { description: 'The tenant as it is now, and what becomes of events that are journaled already.' },
  z.object({ outcome: z.enum(['created', 'changed', 'unchanged']), tenant, note: z.string() }),
);

export const auditList = schema(
  'AuditList',
  {
    description:
      'A page of the audit journal, the oldest first. A page may be short, or empty, and have a `next` all the same.',
  },
  z.object({
    items: z.array(
      z
        .looseObject({ '@timestamp': instant })
        .meta({ description: 'An ECS event, `event.dataset` is `sluice.audit`.' }),
    ),
    next: pageMark.optional(),
  }),
);

export const status = schema(
  'Status',
  { description: 'How far source and subscriptions have come.' },
  z.object({
    source: z.object({
      id: z.string(),
      completeThrough: instant
        .optional()
        .meta({ description: 'Every event older than this that was visible is in the journal.' }),
      scannedAt: instant.optional(),
      lagMs: z.number().optional(),
    }),
    subscriptions: z.array(
      subscription.pick({ id: true, tenant: true, state: true, reason: true, managed: true, progress: true }),
    ),
    states: z.object({ pending: z.int(), active: z.int(), paused: z.int(), failing: z.int(), disabled: z.int() }),
  }),
);

export const health = schema(
  'Health',
  { description: 'The state can be read.', example: { status: 'ok' } },
  z.object({ status: z.literal('ok') }),
);

export const problemSchema = schema(
  'Problem',
  {
    description: 'What went wrong, RFC 9457. `type` and the places in `errors` are stable; the sentences may change.',
    example: {
      type: 'urn:sluice:problem:invalid-body',
      title: 'The body cannot be used as it is written',
      status: 400,
      detail: 'Correct /destination/url and send it again.',
      errors: [{ pointer: '/destination/url', detail: 'must be an https:// URL; got nothing.' }],
    },
  },
  z.object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    errors: z
      .array(
        z.object({
          pointer: z
            .string()
            .optional()
            .meta({ description: 'A place in the body, RFC 6901; empty: the body as a whole.' }),
          parameter: z.string().optional().meta({ description: 'Of the URL.' }),
          header: z.string().optional(),
          detail: z.string().meta({ description: 'What is wrong, and what to write instead.' }),
        }),
      )
      .optional()
      .meta({ description: 'Every mistake at once, each with its place.' }),
  }),
);
