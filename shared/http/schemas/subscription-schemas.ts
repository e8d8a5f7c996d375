/** What a subscription is as it is written, and as it is shown. The rules of the domain are those of `core/subscription-parse.ts`. */
import * as z from 'zod';
import { batchLimits } from '../../core/batch-limits.ts';
import { filterFields } from '../../core/filter-parse.ts';
import { shownStates } from '../../core/shown-state.ts';
import { subscriptionFormats } from '../../core/subscription.ts';
import { instant, pageMark, schema, strictFields, words } from './named.ts';

const one = z.union([z.string().max(4_096), z.number()]);
const filterValue = z.union([one, z.array(one).max(100)], {
  error: 'must be text, a number, or a list of at most 100 of them',
});

const filter = schema(
  'Filter',
  {
    description:
      'Which events: the parameters of `GET /v1/events`, without relative times. Each that is given must hold; of a list one value must. `q` is a question in text.',
    example: { outcome: 'failure', action: ['agent_login', 'agent_role_change'] },
  },
  strictFields(Object.fromEntries(filterFields.map((name) => [name, filterValue.optional()]))),
);

const { request, object } = batchLimits;
const within = ({ from, to }: { readonly from: number; readonly to: number }) => z.int().min(from).max(to);
/** `1000`, `100 000` */
const grouped = (value: number): string =>
  value < 10_000 ? String(value) : String(value).replace(/\B(?=(?:\d{3})+$)/g, ' ');

const batch = schema(
  'Batch',
  { description: 'When a batch is full. What is left out has its default.', example: { maxEvents: 500 } },
  strictFields({
    maxEvents: within(object.maxEvents)
      .optional()
      .meta({
        description: `Webhook and poll: ${request.maxEvents.from} to ${grouped(request.maxEvents.to)}, default ${grouped(request.maxEvents.default)}. S3: to ${grouped(object.maxEvents.to)}, which is the default.`,
      }),
    maxBytes: within(object.maxBytes)
      .optional()
      .meta({
        description: `Of the encoded batch, uncompressed. Webhook and poll: default ${grouped(request.maxBytes.default)}. S3: ${grouped(object.maxBytes.default)}.`,
      }),
    maxDelaySeconds: within(batchLimits.maxDelaySeconds).optional().meta({
      description: '0, the default: at once. Otherwise an incomplete batch waits until its oldest event is this old.',
    }),
  }),
);

const url = z.string().max(2_048).meta({
  description:
    'https, and only what is publicly reachable. Sealed when it is stored: answers show scheme, host and port, since the path often is a credential.',
});

const destination = schema(
  'Destination',
  {
    description: 'Where the events go. Its type never changes.',
    example: { type: 'webhook', url: 'https://hooks.example.com/sluice', headers: { 'X-Team': 'soc' } },
  },
  z.discriminatedUnion('type', [
    strictFields({
      type: z.literal('webhook'),
      url,
      headers: z
        .record(z.string().max(256), z.string().max(4_096))
        .optional()
        .meta({ description: 'Sent with every request. Sealed like the URL: answers show their names alone.' }),
      signatures: z
        .array(z.enum(['v1', 'v1a']))
        .min(1)
        .max(2)
        .optional()
        .meta({ description: '`v1`: HMAC-SHA256, the default and always there. `v1a`: Ed25519 beside it.' }),
      compression: z
        .literal('gzip')
        .optional()
        .meta({ description: 'The body travels compressed; signed are the uncompressed bytes.' }),
    }),
    strictFields({
      type: z.literal('s3'),
      bucket: z.string().max(63),
      prefix: z.string().max(512).optional(),
      region: z.string().max(32),
      roleArn: z.string().max(600).meta({
        description: 'A role in your account. Its trust policy must ask for the `externalId` that the answer shows.',
      }),
      externalId: z.string().max(128).optional().meta({ description: 'Made by Sluice: leave it out.' }),
    }),
    strictFields({ type: z.literal('poll') }),
  ]),
);

const written = {
  description: words(200).optional().meta({ description: 'What it is for, in your words; at most 200 characters.' }),
  filter: z
    .union([z.string().max(2_000), filter])
    .optional()
    .meta({ description: 'A question in text, in the language of `q`, or an object of parameters.' }),
  format: z.enum(subscriptionFormats).optional().meta({
    description:
      '`ecs`: nested objects, the default; `ecs-flat`: dotted keys; `ocsf`: OCSF 1.8; `cef`: lines of CEF, in a webhook as JSON texts.',
  }),
  fields: z.array(z.string().max(512)).min(1).max(100).optional().meta({
    description:
      'Only these fields of an event travel, each with everything below it. What tells events apart always does.',
  }),
  personalData: z
    .literal('hide')
    .optional()
    .meta({ description: '`hide`: names, e-mail addresses, phone numbers and IP addresses do not travel.' }),
  batch: batch.optional(),
};

export const subscriptionToCreate = schema(
  'SubscriptionToCreate',
  {
    description: 'A subscription as it is written.',
    example: {
      description: 'Failed logins for the SOC',
      filter: { outcome: 'failure' },
      destination: { type: 'webhook', url: 'https://hooks.example.com/sluice' },
    },
  },
  strictFields({
    ...written,
    tenant: z.string().max(64).optional().meta({
      description: 'Whose events. An operator names it, `*` for everybody’s; anybody else’s is that of the API key.',
    }),
    start: z.string().max(64).optional().meta({
      description: 'Where it begins: `now`, the default, `beginning` of the journal, or an instant.',
    }),
    destination,
  }),
);

/** A field of a patch is only documented here: `changeSubscription` merges the patch and checks the whole subscription. */
const patched = (field: z.ZodType, description: string) => {
  const { $schema: _, ...form } = z.toJSONSchema(field, { io: 'input' });
  return z
    .unknown()
    .optional()
    .meta({ description, anyOf: [form, { type: 'null' }] });
};

export const subscriptionPatch = schema(
  'SubscriptionPatch',
  {
    description:
      'A JSON merge patch (RFC 7396): what it names is changed, `null` takes away, what it leaves out stays.',
    example: { description: 'Everything that failed', filter: { outcome: 'failure', action: null } },
  },
  z.looseObject({
    description: patched(z.string().max(200), 'What it is for.'),
    filter: patched(
      z.union([z.string().max(2_000), z.looseObject({})]),
      'A question in text, or parameters of `Filter`, each of them or `null`.',
    ),
    format: patched(z.enum(subscriptionFormats), 'How events are written.'),
    fields: patched(z.array(z.string()).max(100), 'Which fields travel; the list is given whole.'),
    personalData: patched(z.literal('hide'), 'Whether personal data stays away.'),
    batch: patched(z.looseObject({}), 'When a batch is full.'),
    destination: z
      .unknown()
      .optional()
      .meta({ type: 'object', description: 'What of it changes: never its type. Headers are merged by name.' }),
  }),
);

const cursor = schema(
  'Cursor',
  { description: 'A place in the journal.', example: { segment: 7, index: 0 } },
  z.object({ segment: z.int(), index: z.int() }),
);

const shownDestination = z.looseObject({
  type: z.enum(['webhook', 's3', 'poll', 'folder']),
  url: z.string().optional().meta({ description: 'Of a webhook: scheme, host and port.' }),
  headers: z.array(z.string()).optional().meta({ description: 'Names alone.' }),
  externalId: z.string().optional().meta({ description: 'Of S3: what the trust policy of your role must ask for.' }),
});

const progress = schema(
  'Progress',
  { description: 'How far a subscription has come.' },
  z.object({
    sequence: z.int().meta({ description: 'Batches delivered.' }),
    cursor,
    delivered: z.int().meta({ description: 'Events, from where it began or was last told to begin.' }),
    filtered: z.int(),
    deadLetters: z.int(),
    segmentsBehind: z
      .int()
      .meta({ description: 'Segments of the journal not passed yet, whether or not they hold events for it.' }),
    failures: z.int().meta({ description: 'In a row.' }),
    lastSuccessAt: instant.optional(),
    retryAt: instant.optional(),
    lastAnswer: z.string().optional(),
    replay: z.object({ until: cursor, notAfter: instant.optional() }).optional(),
  }),
);

const managed = z
  .enum(['api', 'file'])
  .meta({ description: '`file`: kept in the settings’ file of the operator, who changes it there.' });

export const subscription = schema(
  'Subscription',
  { description: 'A subscription as it is shown: without any credential.' },
  z.object({
    id: z.string(),
    tenant: z.string(),
    managed,
    state: z.enum(shownStates).meta({
      description:
        '`pending`: the endpoint has not answered the challenge yet. `paused`: somebody paused it, or its settings look wrong. `failing`: four or more failures in a row. `disabled`: given up after five days, or answered 410.',
    }),
    reason: z.string().optional().meta({ description: 'Why it is in this state, in words.' }),
    description: z.string().optional(),
    filter: z.union([z.string(), z.looseObject({})]).optional(),
    format: z.enum(subscriptionFormats),
    fields: z.array(z.string()).optional(),
    personalData: z.literal('hide').optional(),
    batch: z.object({ maxEvents: z.int(), maxBytes: z.int(), maxDelaySeconds: z.int() }),
    start: z.union([z.literal('now'), z.literal('beginning'), z.object({ from: z.string() })]),
    destination: shownDestination,
    secret: z
      .object({ version: z.int(), previousUntil: instant.optional() })
      .optional()
      .meta({ description: 'Which signing secret is in use, and how long the one before it signs beside it.' }),
    progress,
    createdAt: instant.optional(),
    createdBy: z.string().optional().meta({ description: 'Id of an API key, or `operator`.' }),
    changedAt: instant.optional(),
    version: z.int().meta({ description: 'Also the ETag: send it as If-Match with a change.' }),
  }),
);

export const subscriptionList = schema(
  'SubscriptionList',
  { description: 'A page of subscriptions, by id.' },
  z.object({ items: z.array(subscription), next: pageMark.optional() }),
);

const signing = schema(
  'Signing',
  {
    description: 'What deliveries are verified with. Shown in this answer and never again.',
    example: { secret: 'whsec_…', publicKey: 'whpk_…' },
  },
  z.object({
    secret: z.string().meta({ description: '`whsec_…`: for `v1`. Whoever has it can sign.' }),
    publicKey: z.string().optional().meta({ description: '`whpk_…`: for `v1a`, where it is asked for.' }),
  }),
);

export const createdSubscription = schema(
  'CreatedSubscription',
  { description: 'The new subscription, with what its deliveries are verified with.' },
  z.object({ subscription, signing: signing.optional() }),
);

export const rotatedSecret = schema(
  'RotatedSecret',
  { description: 'The new signing secret. The one before it signs beside it for a while.' },
  z.object({ subscription, signing }),
);
