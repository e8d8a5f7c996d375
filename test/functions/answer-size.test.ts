import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { queryHandler } from '../../functions/query/handler.ts';
import { formats } from '../../shared/core/formats/write-events.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../shared/core/tenants.ts';
import { httpWorld } from '../support/http-world.ts';

/** What Lambda takes of a function's answer, written as JSON. */
const mostPayloadBytes = 6_291_556;

const skills = JSON.stringify({ skills: Array.from({ length: 4_000 }, (_, n) => `skill-${n}`) });
const quotes = JSON.stringify({ note: '"'.repeat(16_000) });
const hits = Array.from({ length: 160 }, (_, n) => ({
  _index: 'closer',
  _id: `d${n}`,
  sort: [new Date(Date.UTC(2026, 4, 5) + n * 1_000).toISOString()],
  _source: {
    '@timestamp': new Date(Date.UTC(2026, 4, 5) + n * 1_000).toISOString(),
    message: {
      event: { action: 'agent_skills_change', outcome: 'success' },
      http: {
        request: { method: 'PUT', body: { content: n % 2 === 0 ? skills : quotes } },
        response: { status_code: 204 },
      },
      user: { id: 'u1', roles: ['ADMIN'] },
    },
  },
}));
const world = httpWorld({ hits });
const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });
const handler = queryHandler(Promise.resolve({ ...world.deps, reader: async () => read }));

const answerTo = async (path: string, query: string): Promise<APIGatewayProxyStructuredResultV2> => {
  const event = {
    version: '2.0',
    rawPath: path,
    rawQueryString: query,
    headers: { authorization: `Bearer ${await world.key('acme')}`, host: 'api.example.com' },
    requestContext: { http: { method: 'GET', path, sourceIp: '203.0.113.7' }, domainName: 'api.example.com' },
    isBase64Encoded: false,
    routeKey: '$default',
  };
  return (await handler(
    event as unknown as APIGatewayProxyEventV2,
    {} as Context,
  )) as APIGatewayProxyStructuredResultV2;
};

describe('an answer of long events', () => {
  const asked: readonly (readonly [path: string, query: string])[] = [
    ...formats.map((format) => ['/v1/events', `limit=1000&format=${format}`] as const),
    ...formats.slice(1).map((format) => ['/v1/events/export', `format=${format}`] as const),
    ['/v1/events', 'limit=1000&format=csv&fields=http.request.body.content'],
    ['/v1/events', 'limit=1000&fields=http.request.body.content'],
  ];

  it.each(asked)('of %s?%s fits into what Lambda takes', async (path, query) => {
    const answer = await answerTo(path, query);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers?.['sluice-next'], 'more than fits into one answer').toBeDefined();
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(mostPayloadBytes);
  });

  it('comes in parts that lead to the end, none of them with an event twice', async () => {
    const ids: string[] = [];
    for (let cursor = ''; ; ) {
      const answer = await answerTo('/v1/events/export', `format=ocsf&sort=asc${cursor && `&cursor=${cursor}`}`);
      const { body = '', isBase64Encoded, headers } = answer;
      const text = isBase64Encoded ? Buffer.from(body, 'base64').toString() : body;
      for (const line of text.trimEnd().split('\n')) ids.push(JSON.parse(line).metadata.uid);
      cursor = String(headers?.['sluice-next'] ?? '');
      if (cursor === '') break;
    }
    expect(ids).toEqual(hits.map(({ _id }) => `closer/${_id}`));
  });
});
