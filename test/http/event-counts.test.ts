import { describe, expect, it } from 'vitest';
import type { EcsEvent, Hit } from '../../shared/core/event.ts';
import { httpWorld } from '../support/http-world.ts';
import { readSample, sampleHits } from '../support/sample-hits.ts';
import { aHit, hitsFrom } from '../support/world.ts';

const hits: readonly Hit[] = sampleHits().map((hit) => ({
  ...hit,
  sort: [readSample(hit, '2026-05-05T12:00:00.000Z').time ?? null],
}));
const world = httpWorld({ hits, read: readSample });
const keys = { aurora: world.key('aurora'), operator: world.key('*', ['operator']) };
const json = async <Value>(path: string, tenant: keyof typeof keys = 'operator'): Promise<Value> => {
  const response = await world.get(path, { key: await keys[tenant] });
  expect(response.status, path).toBe(200);
  return (await response.json()) as Value;
};
const question = encodeURIComponent('event.outcome: failure');
interface Events {
  readonly events: readonly EcsEvent[];
}

describe('GET /v1/events/histogram', () => {
  it('counts what the same question finds, for the tenant of the key alone', async () => {
    for (const tenant of ['aurora', 'operator'] as const) {
      const { events } = await json<Events>(`/v1/events?q=${question}&limit=1000`, tenant);
      const counted = await json<{ count: number }>(`/v1/events/histogram?q=${question}&interval=1d`, tenant);
      expect(counted).toMatchObject({ count: events.length, intervalSeconds: 86_400 });
    }
  });

  it('answers every mistake at once', async () => {
    const response = await world.get('/v1/events/histogram?interval=0s&by=user.nam&limit=5&q=a', {
      key: await keys.operator,
    });
    expect(response.status).toBe(400);
    const text = await response.text();
    for (const part of ['interval', 'Did you mean user.name?', 'limit']) expect(text).toContain(part);
  });
});

describe('GET /v1/events/top', () => {
  it('counts the values of a field', async () => {
    const top = await json<{ values: { value: string; count: number }[]; count: number }>(
      '/v1/events/top?field=event.outcome&size=2',
    );
    expect(top.count).toBe(150);
    expect(top.values[0]?.value).toBe('success');
    expect(top.values).toHaveLength(2);
  });

  it('shows a tenant no value of another', async () => {
    const own = await json<{ values: { value: string }[] }>('/v1/events/top?field=user.id&size=100', 'aurora');
    const { events } = await json<Events>('/v1/events?limit=1000', 'aurora');
    const ids = new Set(events.map(({ user }) => user?.id));
    expect(own.values.length).toBeGreaterThan(3);
    for (const { value } of own.values) expect(ids).toContain(value);
  });

  it.each([
    ['', 'is needed'],
    ['field=http.request.body.content', 'may hold a body'],
    ['field=user.id&size=101', 'from 1 to 100'],
    ['field=user.id&field=user.email', 'is given more than once. Give it once.'],
  ])('?%s is a problem that says why', async (query, sentence) => {
    const response = await world.get(`/v1/events/top?${query}`, { key: await keys.operator });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(sentence);
  });
});

describe('POST /v1/events/search', () => {
  const search = async (body: string, tenant: keyof typeof keys = 'operator') =>
    world.app.request('https://api.example.com/v1/events/search', {
      method: 'POST',
      body,
      headers: { authorization: `Bearer ${await keys[tenant]}`, 'content-type': 'application/json' },
    });

  it('answers what GET answers', async () => {
    const written = {
      q: 'event.outcome: failure',
      limit: 1_000,
      format: 'json',
      action: ['agent_login', 'agent_logout'],
    };
    const got = await json<Events>(`/v1/events?q=${question}&limit=1000&action=agent_login,agent_logout`);
    expect(await (await search(JSON.stringify(written))).json()).toEqual(got);
    expect(got.events.length).toBeGreaterThan(0);
  });

  it.each([
    ['{"q":', 400, 'is not JSON'],
    ['[]', 400, 'must be an object'],
    ['{"q":7}', 400, 'must be one question in text'],
    [JSON.stringify({ q: 'x'.repeat(70_000) }), 413, 'at most 65536 bytes'],
    [`${'{"a":'.repeat(40)}1${'}'.repeat(40)}`, 400, 'nested deeper'],
  ])('answers %.30s with %i', async (body, status, sentence) => {
    const response = await search(body);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(sentence);
  });
});

describe('GET /v1/actions and /v1/fields', () => {
  it('list the 58 actions, with counts when a question is asked', async () => {
    const { actions } = await json<{ actions: { action: string; count?: number }[] }>('/v1/actions');
    expect(actions).toHaveLength(58);
    expect(actions[0]).toMatchObject({ action: 'org_config_change', ocsf: { class_uid: 3004, type_uid: 300403 } });
    expect(actions[0]).not.toHaveProperty('count');
    const counted = await json<{ actions: { count: number }[] }>('/v1/actions?from=2000-01-01');
    expect(counted.actions.reduce((sum, { count }) => sum + count, 0)).toBe(150);
  });

  it('list every field that a question may name', async () => {
    const { fields } = await json<{ fields: { name: string; kind: string }[] }>('/v1/fields');
    expect(fields).toContainEqual({ name: 'source.ip', kind: 'address' });
    expect(fields).toContainEqual({ name: '@timestamp', kind: 'time' });
  });
});

describe('GET /v1/events/{id}?around=', () => {
  const acme = hitsFrom('2026-05-05T10:00:00Z', 5);
  const tied = ['a', 'b', 'c'].map((id) => aHit(id, '2026-05-05T10:00:02.000Z'));
  const other = hitsFrom('2026-05-05T10:00:01.500Z', 3, 1_000, 'bolt');
  const small = httpWorld({ hits: [...acme, ...tied, ...other] });

  it('gives the neighbours of the same tenant, in order, ties included, and never the event itself', async () => {
    const { events } = (await (await small.get('/v1/events?sort=asc')).json()) as Events;
    const ids = events.map(({ event }) => event.id);
    for (const [at, id] of ids.entries()) {
      const response = await small.get(`/v1/events/${encodeURIComponent(id)}?around=2`);
      const around = (await response.json()) as Record<'before' | 'after', readonly EcsEvent[]> & { event: EcsEvent };
      expect(around.event.event.id).toBe(id);
      expect(around.before.map(({ event }) => event.id)).toEqual(ids.slice(Math.max(0, at - 2), at));
      expect(around.after.map(({ event }) => event.id)).toEqual(ids.slice(at + 1, at + 3));
    }
  });

  it('tells nobody whether another tenant has such an event', async () => {
    const id = encodeURIComponent(`closer/${other[0]?._id}`);
    const theirs = await small.get(`/v1/events/${id}?around=2`);
    const nobodys = await small.get('/v1/events/closer%2Fnone?around=2');
    expect(theirs.status).toBe(404);
    expect(await theirs.text()).toBe(await nobodys.text());
  });

  it.each(['0', '51', 'x', '1&around=2'])('?around=%s is a problem', async (around) => {
    expect((await small.get(`/v1/events/closer%2Fnone?around=${around}`)).status).toBe(400);
  });
});
