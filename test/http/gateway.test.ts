import { readFile } from 'node:fs/promises';
import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { handle } from 'hono/aws-lambda';
import { describe, expect, it } from 'vitest';
import type { EcsEvent } from '../../shared/core/event.ts';
import { expectNoCanary } from '../support/canaries.ts';
import { httpWorld } from '../support/http-world.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';

type GatewayEvent = Parameters<ReturnType<typeof handle>>[0];

/** What the gateway is answered for one of its events (payload 2.0), asked over the samples with an operator's key. */
const answerTo = async (fixture: string) => {
  const hits = sampleHits().map((hit) => ({ ...hit, sort: [readSample(hit, '').time ?? null] }));
  const world = httpWorld({ hits, read: readSample });
  const text = await readFile(new URL(`../fixtures/http/${fixture}.json`, import.meta.url), 'utf8');
  const event = JSON.parse(text.replaceAll('KEY', await world.key('*'))) as GatewayEvent;
  const answer = (await handle(world.app)(event)) as APIGatewayProxyStructuredResultV2;
  const { statusCode, headers = {}, body = '', isBase64Encoded } = answer;
  const decoded = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
  expectNoCanary(decoded);
  return { statusCode, headers, body: decoded };
};

describe('behind the API Gateway', () => {
  it('repeated and encoded parameters arrive', async () => {
    const { statusCode, body } = await answerTo('events');
    expect(statusCode).toBe(200);
    const { events } = JSON.parse(body) as { readonly events: readonly EcsEvent[] };
    expect(events).toHaveLength(10);
    expect(new Set(events.map(({ event }) => event.action))).toEqual(new Set(['agent_role_change', 'agent_login']));
  });

  it('lines arrive as lines, with the cursor of the next ones', async () => {
    const { headers, body } = await answerTo('lines');
    expect(headers['content-type']).toBe('application/x-ndjson');
    expect(headers['sluice-next']).toMatch(/^[\w-]{100,}$/);
    expect(
      body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).event.module),
    ).toEqual(['closer', 'closer', 'closer']);
  });

  it.each(['one-event', 'one-event-decoded-path'])('one event is found by its id (%s)', async (fixture) => {
    const { statusCode, body } = await answerTo(fixture);
    expect(statusCode).toBe(200);
    expect(JSON.parse(body).event.action).toBe('agent_skills_change');
  });

  it.each([
    ['mistakes', 400],
    ['without-key', 401],
    ['change', 405],
  ])('%s are answered with a problem document, status %i', async (fixture, status) => {
    const { statusCode, headers, body } = await answerTo(fixture);
    expect(statusCode).toBe(status);
    expect(headers['content-type']).toBe('application/problem+json');
    expect(JSON.parse(body).status).toBe(status);
  });
});
