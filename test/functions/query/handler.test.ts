import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { queryHandler } from '../../../functions/query/handler.ts';
import { memoryRecordStore } from '../../fakes/memory-record-store.ts';
import { memorySecrets } from '../../fakes/memory-secrets.ts';
import { memorySource } from '../../fakes/memory-source.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';
import request from '../../fixtures/lambda/query.json' with { type: 'json' };
import { storeKey } from '../../support/store-key.ts';
import { hitsFrom, plainRead, recordingTelemetry } from '../../support/world.ts';

const aQueryFunction = () => {
  const clock = recordingClock({ startMs: Date.parse('2026-03-01T12:00:00Z') });
  const records = memoryRecordStore();
  const hits = [...hitsFrom('2026-03-01T11:00:00Z', 3), ...hitsFrom('2026-03-01T11:00:00Z', 2, 1000, 'aurora')];
  const deps = {
    source: memorySource({ id: 'closer', clock, hits }),
    records,
    secrets: memorySecrets({ rootKey: { current: 'r'.repeat(32) } }),
    clock,
    reader: async () => plainRead,
    telemetry: recordingTelemetry().telemetry,
  };
  const run = queryHandler(Promise.resolve(deps));
  const ask = (query: string, headers: Record<string, string> = {}) =>
    run({ ...request, rawQueryString: query, headers: { ...request.headers, ...headers } }, {} as Context);
  const keyFor = async (tenant: string) =>
    (await storeKey({ records, clock }, { tenant, scopes: ['events:read'] })).text;
  return { ask, keyFor };
};

describe('the query function', () => {
  it("answers a request of API Gateway with the events of the key's tenant and no others", async () => {
    const { ask, keyFor } = aQueryFunction();
    const answer = await ask('limit=10', { authorization: `Bearer ${await keyFor('aurora')}` });
    expect(answer).toMatchObject({ statusCode: 200 });
    const { events } = JSON.parse(answer.body) as { events: { event: { id: string } }[] };
    expect(events.map(({ event }) => event.id).every((id) => id.startsWith('closer/aurora-'))).toBe(true);
    expect(events).toHaveLength(2);
  });

  it('lets nobody in without a key', async () => {
    const { ask } = aQueryFunction();
    expect(await ask('limit=10')).toMatchObject({
      statusCode: 401,
      headers: { 'content-type': 'application/problem+json' },
    });
  });

  it('names the field of a mistake', async () => {
    const { ask, keyFor } = aQueryFunction();
    const answer = await ask('limit=none', { authorization: `Bearer ${await keyFor('aurora')}` });
    expect(answer.statusCode).toBe(400);
    expect(answer.body).toContain('limit');
  });
});
