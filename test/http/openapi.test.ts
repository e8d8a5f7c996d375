import { createConfig, lintFromString } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { documentedOperations, manageOperations } from '../../shared/http/manage-app.ts';
import { openApi } from '../../shared/http/openapi.ts';
import { eventOperations } from '../../shared/http/operations/event-operations.ts';
import { problemSchema } from '../../shared/http/schemas/admin-schemas.ts';
import { eventOrNeighbours } from '../../shared/http/schemas/event-schemas.ts';
import { named } from '../../shared/http/schemas/named.ts';
import { type HttpWorld, httpWorld } from '../support/http-world.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';

type Json = Readonly<Record<string, unknown>>;
const document = openApi(documentedOperations, '1.2.3');

describe('the OpenAPI document', () => {
  it('has nothing that redocly’s strict rules find', async () => {
    const config = await createConfig({ extends: ['recommended-strict'] });
    const found = await lintFromString({ source: JSON.stringify(document), config });
    expect(found.map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`)).toEqual([]);
  });

  it('is served to anybody, may be kept for five minutes, and is of version 3.1', async () => {
    const response = await httpWorld().get('/openapi.json', { key: '' });
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    expect(await response.json()).toMatchObject({ openapi: '3.1.0', paths: { '/v1/subscriptions': {} } });
  });

  it('names every call that is answered, once, with a summary, its scope and what it answers', () => {
    const names = documentedOperations.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Json>>>>;
    for (const { path, method, scopes = [] } of manageOperations) {
      const told = paths[path]?.[method.toLowerCase()];
      for (const scope of scopes) expect(told?.['description']).toContain(`\`${scope}\``);
      expect(Object.keys(told?.['responses'] ?? {})).toEqual(
        expect.arrayContaining(['401', '403', '429', '500', '503']),
      );
    }
  });

  it('shows no example that its own schema refuses', () => {
    for (const one of manageOperations.flatMap(({ body }) => body ?? [])) {
      const [example] = (one.meta()?.['examples'] as readonly unknown[] | undefined) ?? [];
      expect([named.get(one)?.id, one.safeParse(example).success]).toEqual([named.get(one)?.id, true]);
    }
  });
});

/** A subscription with something to show in each of its lists, and a key of each kind. */
const aFullWorld = async () => {
  const world = httpWorld();
  const key = await world.key('acme', ['events:read', 'subscriptions:write', 'keys:write']);
  const operator = await world.key('*', ['operator']);
  const make = async (destination: Json): Promise<string> => {
    const created = await world.send('POST', '/v1/subscriptions', { key, body: { start: 'beginning', destination } });
    return ((await created.json()) as { subscription: { id: string } }).subscription.id;
  };
  return {
    world,
    key,
    operator,
    webhook: await make({
      type: 'webhook',
      url: 'https://8.8.8.8/hook',
      headers: { 'X-Team': 'soc' },
      signatures: ['v1', 'v1a'],
    }),
    bucket: await make({
      type: 's3',
      bucket: 'acme-events',
      region: 'eu-central-1',
      roleArn: 'arn:aws:iam::123456789012:role/sluice',
    }),
    poll: await make({ type: 'poll' }),
  };
};

type FullWorld = Awaited<ReturnType<typeof aFullWorld>>;

/** What is sent beside the documented example: which thing, and what the example cannot know. */
const sent: Readonly<Record<string, (full: FullWorld) => { readonly id?: string; readonly body?: Json }>> = {
  createSubscription: () => ({ body: { filter: { outcome: 'failure' }, destination: { type: 'poll' } } }),
  testSubscription: ({ bucket }) => ({ id: bucket }),
  changeSubscription: ({ bucket }) => ({ id: bucket }),
  rotateSecret: ({ webhook }) => ({ id: webhook }),
  pollBatches: ({ poll }) => ({ id: poll }),
  revokeKey: ({ key }) => ({ id: key.split('_')[1] ?? '' }),
  putTenant: () => ({ id: 'cobalt' }),
};

const ask = async (world: HttpWorld, full: FullWorld, one: (typeof manageOperations)[number]): Promise<Response> => {
  const { id = full.webhook, body } = sent[one.name]?.(full) ?? {};
  const [example] = (one.body?.meta()?.['examples'] as readonly unknown[] | undefined) ?? [];
  const given = body ?? example;
  return world.send(
    one.method,
    one.path.replace('{id}', one.tag === 'Tenants' ? 'cobalt' : id).replace('{letter}', 'none'),
    {
      key: one.scopes.includes('operator') ? full.operator : full.key,
      headers: one.ifMatch ? { 'if-match': '*' } : {},
      ...(given !== undefined && { body: given }),
    },
  );
};

describe('every call, sent as the document shows it', () => {
  it.each(manageOperations.map((one) => [one.name, one] as const))('%s answers as documented', async (name, one) => {
    const full = await aFullWorld();
    if (one.tag === 'Tenants' && name !== 'putTenant')
      await full.world.send('PUT', '/v1/tenants/cobalt', { key: full.operator, body: { users: ['u1'] } });
    const response = await ask(full.world, full, one);
    const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, { responses: Json }>>>>;
    const documented = paths[one.path]?.[one.method.toLowerCase()]?.responses ?? {};
    expect(Object.keys(documented)).toContain(`${response.status}`);
    const told = one.answers[response.status];
    const text = await response.text();
    if (response.status >= 400) return expectOnly(problemSchema, JSON.parse(text));
    for (const header of told?.headers ?? [])
      if (!header.startsWith('Sluice')) expect(response.headers.has(header)).toBe(true);
    if (told?.schema) expectOnly(told.schema, JSON.parse(text));
    else expect(text).toBe('');
  });
});

const aboutEvents: Readonly<Record<string, string>> = {
  countEvents: '?interval=1h&by=event.outcome',
  topValues: '?field=event.action&size=3',
  exportEvents: '?from=2021-05-01&to=2021-06-01',
};

describe('every question, asked as the document tells', () => {
  const hits = sampleHits().map((hit) => ({
    ...hit,
    sort: [readSample(hit, '2026-05-05T12:00:00.000Z').time ?? null],
  }));
  const id = encodeURIComponent(`${hits[0]?._index}/${hits[0]?._id}`);

  it.each(eventOperations.map((one) => [one.name, one] as const))('%s answers as documented', async (name, one) => {
    const world = httpWorld({ hits, read: readSample });
    const [example] = (one.body?.meta()?.['examples'] as readonly unknown[] | undefined) ?? [];
    const path = `${one.path.replace('{id}', id)}${aboutEvents[name] ?? ''}`;
    const key = await world.key('*', ['operator']);
    const response = await world.send(one.method, path, {
      key,
      ...(example !== undefined && { body: example }),
    });
    if (name === 'readEvent')
      expectOnly(eventOrNeighbours, await (await world.get(`${path}?around=2`, { key })).json());
    const { schema, mediaType = 'application/json' } = one.answers[response.status] ?? {};
    expect([response.status, response.headers.get('content-type')]).toEqual([200, mediaType]);
    const text = await response.text();
    const values = mediaType === 'application/x-ndjson' ? text.trimEnd().split('\n') : [text];
    for (const value of values) if (schema) expectOnly(schema, JSON.parse(value));
  });
});

/** As the schema has it, and nothing that the schema does not name. */
const expectOnly = (schema: z.ZodType, answer: unknown): void => {
  expect(schema.parse(answer)).toEqual(answer);
};
