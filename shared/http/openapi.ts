/** The OpenAPI document, made of the very operations and schemas that check what comes in. */
import * as z from 'zod';
import { type DocumentedAnswer, documentedHeaders, type ToldOperation } from './operation.ts';
import { keyQuota } from './rate-limits.ts';
import { maxBodyBytes } from './read-body.ts';
import { named } from './schemas/named.ts';

type Json = Readonly<Record<string, unknown>>;

export const openApi = (operations: readonly ToldOperation[], version: string): Json => ({
  openapi: '3.1.0',
  info: {
    title: 'Sluice',
    version,
    description: introduction,
    license: { name: 'Unlicensed', identifier: 'LicenseRef-Unlicensed' },
  },
  servers: [{ url: '/', description: 'Where this document was read.' }],
  security: [{ bearer: [] }, { apiKey: [] }],
  tags: tags.map(([name, description]) => ({ name, description })),
  paths: Object.fromEntries(
    [...Map.groupBy(operations, ({ path }) => path)].map(([path, ofPath]) => [
      path,
      Object.fromEntries(ofPath.map((each) => [each.method.toLowerCase(), operationObject(each)])),
    ]),
  ),
  components: {
    securitySchemes: {
      bearer: { type: 'http', scheme: 'bearer', description: 'An API key, `sluice_…`.' },
      apiKey: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Api-Key',
        description: 'The same key, where Authorization is taken.',
      },
    },
    schemas: schemas(),
    headers: { ...headersOf(documentedHeaders), ...headersOf(everyAnswer), ...headersOf(waiting) },
    responses: Object.fromEntries(
      Object.entries(problems).map(([status, description]) => [
        `Problem${status}`,
        problemAnswer(Number(status), description),
      ]),
    ),
  },
});

const introduction = `Subscriptions, their deliveries, keys and tenants of one Sluice.

An API key belongs to one tenant: what is another tenant's does not exist for it. Every mistake is a problem document (RFC 9457) that names all places at once.
A change names the version it changes (\`If-Match\`, the \`ETag\` of what was read). A \`POST\` with an \`Idempotency-Key\` happens once in 24 hours: repeated, it is given the
first answer, with \`Idempotent-Replayed: true\`, or 409 while the first one is under way, and when that failed midway, so that nobody can tell whether it was done. A key may ask ${keyQuota.most} times in ${keyQuota.windowSeconds} seconds, counted by each process; \`RateLimit\` says what is left. A body has at most ${maxBodyBytes} bytes.`;

const tags = [
  ['Subscriptions', 'Who receives what, and where.'],
  ['Deliveries', 'What became of what was sent.'],
  ['Poll', 'For receivers that cannot be reached: they fetch.'],
  ['Keys', 'API keys.'],
  ['Tenants', 'Whose events are whose; for operators.'],
  ['Audit', 'Who changed what.'],
  ['Status', 'How far everything has come.'],
  ['Events', 'Questions about events.'],
] as const;

const everyAnswer = {
  'RateLimit-Policy': 'How much may be asked: `q` requests in `w` seconds (draft-ietf-httpapi-ratelimit-headers).',
  RateLimit: 'How much is left: `r` requests; in `t` seconds all of it again.',
} as const;

const waiting = { 'Retry-After': 'Seconds to wait before asking again.' } as const;

const problems: Readonly<Record<number, string>> = {
  400: 'Parameters, headers or body are not as they must be; `errors` names every place.',
  401: 'No valid API key.',
  403: 'The key lacks the scope, or may not grant it.',
  404: 'Nothing of yours is there.',
  409: 'Not possible as things stand, or the first request with this Idempotency-Key is under way or failed midway.',
  412: 'It was changed since it was read.',
  413: 'The body is too large.',
  414: 'The URL is too long.',
  415: 'The body is no JSON in UTF-8.',
  422: 'The Idempotency-Key belongs to another request.',
  428: 'If-Match is missing.',
  429: 'Too many requests.',
  500: 'The mistake is on our side.',
  503: 'Not available right now.',
};

const operationObject = (told: ToldOperation): Json => {
  const { name, tag, summary, description, scopes, answers } = told;
  return {
    operationId: name,
    tags: [tag],
    summary,
    description: [description, scopes && `Scope: ${scopes.map((each) => `\`${each}\``).join(' or ')}.`]
      .filter((each) => each !== undefined)
      .join('\n\n'),
    ...(scopes ? {} : { security: [] }),
    ...parametersOf(told),
    ...requestOf(told),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, one]) => [status, answerObject(Number(status), one)]),
      ),
      ...Object.fromEntries(
        refusalsOf(told)
          .filter((status) => !(status in answers))
          .map((status) => [status, { $ref: `#/components/responses/Problem${status}` }]),
      ),
    },
  };
};

const parametersOf = ({ path, parameters = {}, query, ifMatch, repeatable }: ToldOperation): Json => {
  const ofPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: parameters[name],
    schema: { type: 'string' },
  }));
  const ofQuery = Object.entries(query instanceof z.ZodObject ? query.shape : {}).map(([name, of]) => {
    const { description, ...rest } = bare(z.toJSONSchema(of as z.ZodType, { io: 'output' }));
    return { name, in: 'query', required: false, description, schema: rest };
  });
  const ofHeaders = [
    ...(ifMatch
      ? [
          {
            name: 'If-Match',
            required: ifMatch === 'needed',
            description: 'The ETag of what was read, or `*` for whatever is there.',
          },
        ]
      : []),
    ...(repeatable
      ? [
          {
            name: 'Idempotency-Key',
            required: false,
            description: 'At most 255 characters, best a new UUID for every request.',
          },
        ]
      : []),
  ].map((each) => ({ ...each, in: 'header', schema: { type: 'string' } }));
  const all = [...ofPath, ...ofQuery, ...ofHeaders];
  return all.length === 0 ? {} : { parameters: all };
};

const requestOf = ({ body, bodyIs = 'needed' }: ToldOperation): Json => {
  if (!body) return {};
  const type = bodyIs === 'merge patch' ? 'application/merge-patch+json' : 'application/json';
  return { requestBody: { required: bodyIs !== 'optional', content: { [type]: contentOf(body) } } };
};

const answerObject = (
  status: number,
  { description, schema, headers = [], mediaType = 'application/json' }: DocumentedAnswer,
): Json => {
  if (status >= 400) return problemAnswer(status, description);
  const names = [...headers, ...Object.keys(everyAnswer)];
  return {
    description,
    headers: Object.fromEntries(names.map((each) => [each, { $ref: `#/components/headers/${each}` }])),
    ...(schema && { content: { [mediaType]: contentOf(schema) } }),
  };
};

const problemAnswer = (status: number, description: string): Json => ({
  description,
  ...((status === 429 || status === 503) && {
    headers: { 'Retry-After': { $ref: '#/components/headers/Retry-After' } },
  }),
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

const contentOf = (schema: z.ZodType): Json => {
  const id = named.get(schema)?.id;
  if (id === undefined) throw new TypeError('a body of the API has a name');
  const [example] = (z.globalRegistry.get(schema)?.examples as readonly unknown[] | undefined) ?? [];
  return { schema: { $ref: `#/components/schemas/${id}` }, ...(example !== undefined && { example }) };
};

const refusalsOf = ({ path, method, scopes, body, ifMatch, repeatable }: ToldOperation): readonly number[] => [
  ...(scopes ? [400, 401, 403] : []),
  ...(path.includes('{') ? [404] : []),
  ...(ifMatch ? [412] : []),
  ...(ifMatch === 'needed' ? [428] : []),
  ...(body || method === 'POST' ? [413, 415] : []),
  414,
  ...(repeatable ? [409, 422] : []),
  ...(scopes ? [429] : []),
  500,
  503,
];

const headersOf = (told: Readonly<Record<string, string>>): Json =>
  Object.fromEntries(
    Object.entries(told).map(([name, description]) => [name, { description, schema: { type: 'string' } }]),
  );

const schemas = (): Json => {
  const uri = (id: string): string => `#/components/schemas/${id}`;
  const made = z.toJSONSchema(named, { uri, io: 'input' }).schemas as Readonly<Record<string, Json>>;
  return Object.fromEntries(Object.entries(made).map(([id, one]) => [id, bare(one)]));
};

const bare = ({ $schema: _, $id: __, ...rest }: Json): Json => rest;
