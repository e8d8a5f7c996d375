import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { manageHandler } from '../../../functions/manage/handler.ts';
import request from '../../fixtures/lambda/manage.json' with { type: 'json' };
import { httpWorld } from '../../support/http-world.ts';

const aManageFunction = async () => {
  const { deps, key } = httpWorld();
  const run = manageHandler(Promise.resolve(deps));
  const authorization = `Bearer ${await key('acme', ['subscriptions:write'])}`;
  const ask = (method: string, path: string, body?: string, headers: Record<string, string> = {}) => {
    const event = {
      ...request,
      rawPath: path,
      requestContext: { ...request.requestContext, http: { ...request.requestContext.http, method, path } },
      headers: { ...request.headers, authorization, ...headers },
      ...(body !== undefined && { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }),
    };
    return run(event as unknown as APIGatewayProxyEventV2, {} as Context) as Promise<{
      statusCode: number;
      body: string;
      headers: Readonly<Record<string, string>>;
    }>;
  };
  return { ask, run };
};

describe('the manage function', () => {
  it('creates and reads what API Gateway brings, body encoded or not', async () => {
    const { ask } = await aManageFunction();
    const json = { 'content-type': 'application/json' };
    const created = await ask(
      'POST',
      '/v1/subscriptions',
      '{"description":"Störung","destination":{"type":"poll"}}',
      json,
    );
    expect([created.statusCode, created.headers['etag']]).toEqual([201, '"1"']);
    const { subscription } = JSON.parse(created.body) as { subscription: { id: string; description: string } };
    expect(subscription.description).toBe('Störung');
    expect((await ask('GET', `/v1/subscriptions/${subscription.id}`)).statusCode).toBe(200);
  });

  it('answers no question about events: those are the query function’s', async () => {
    const { ask } = await aManageFunction();
    expect((await ask('GET', '/v1/events')).statusCode).toBe(404);
  });

  it('answers at once when a poll would wait: waiting is paid for', async () => {
    const { ask } = await aManageFunction();
    const json = { 'content-type': 'application/json' };
    const created = await ask('POST', '/v1/subscriptions', '{"destination":{"type":"poll"}}', json);
    const { subscription } = JSON.parse(created.body) as { subscription: { id: string } };
    expect((await ask('GET', `/v1/subscriptions/${subscription.id}/batches`)).statusCode).toBe(204);
  });

  it('names the place of a mistake', async () => {
    const { ask } = await aManageFunction();
    const refused = await ask('POST', '/v1/subscriptions', '{"destination":{"type":"ftp"}}', {
      'content-type': 'application/json',
    });
    expect(refused).toMatchObject({ statusCode: 400, headers: { 'content-type': 'application/problem+json' } });
    expect(refused.body).toContain('/destination/type');
  });

  it('finishes on the hourly tick what calls left half done, and signs the head of the audit journal', async () => {
    const { ask, run } = await aManageFunction();
    await ask('POST', '/v1/subscriptions', '{"destination":{"type":"poll"}}', { 'content-type': 'application/json' });
    const looked = await run({ task: 'look after changes' }, {} as Context);
    expect(looked).toMatchObject({ journaled: 0, finished: 0, head: expect.stringMatching(/^heads\/audit\//) });
  });
});
