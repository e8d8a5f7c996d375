import { describe, expect, it, vi } from 'vitest';
import type { EcsEvent } from '../../shared/core/event.ts';
import { httpWorld } from '../support/http-world.ts';
import { aHit, hitsFrom } from '../support/world.ts';

const hits = hitsFrom('2026-05-05T10:00:00Z', 5);
const idsIn = (events: readonly EcsEvent[]) => events.map(({ event }) => event.id.slice(-1));
interface Answer {
  readonly events: readonly EcsEvent[];
  readonly next?: string;
}
const jsonOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;

describe('GET /v1/events', () => {
  it('answers with the newest events first, as one JSON document', async () => {
    const response = await httpWorld({ hits }).get('/v1/events');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.get('cache-control')).toBe('no-store');
    const answer = await jsonOf(response);
    expect(idsIn(answer.events)).toEqual(['4', '3', '2', '1', '0']);
    expect(answer).not.toHaveProperty('next');
  });

  it('answers one event per line when asked for NDJSON, by parameter or by header', async () => {
    const world = httpWorld({ hits });
    for (const response of [
      await world.get('/v1/events?format=ndjson&sort=asc'),
      await world.get('/v1/events?sort=asc', { headers: { accept: 'application/x-ndjson' } }),
    ]) {
      expect(response.headers.get('content-type')).toBe('application/x-ndjson');
      const lines = (await response.text()).split('\n');
      expect(lines.pop()).toBe('');
      expect(idsIn(lines.map((line) => JSON.parse(line)))).toEqual(['0', '1', '2', '3', '4']);
    }
    const preferred = await world.get('/v1/events?format=json', { headers: { accept: 'application/x-ndjson' } });
    expect(preferred.headers.get('content-type')).toBe('application/json');
    expect(await (await world.get('/v1/events?format=ndjson&to=2020-01-01')).text()).toBe('');
  });

  it('leads from page to page by next, by its header and by its link', async () => {
    const world = httpWorld({ hits });
    const first = await world.get('/v1/events?sort=asc&limit=2&from=now-24h');
    const { next = '' } = await jsonOf(first);
    expect(first.headers.get('sluice-next')).toBe(next);
    const link = /^<(\?[^>]+)>; rel="next"$/.exec(first.headers.get('link') ?? '')?.[1] ?? '';
    const second = await jsonOf(await world.get(`/v1/events${link}`));
    expect(idsIn(second.events)).toEqual(['2', '3']);
    const third = await world.get(`/v1/events?sort=asc&limit=2&from=now-24h&cursor=${second.next}`);
    expect(third.headers.get('link')).toBeNull();
    expect(idsIn((await jsonOf(third)).events)).toEqual(['4']);
  });

  it('lets now stay what it was on the first page', async () => {
    const world = httpWorld({ hits });
    const question = '/v1/events?sort=asc&limit=2&from=now-2h';
    const { next } = await jsonOf(await world.get(question));
    world.clock.advance(86_400_000);
    expect(idsIn((await jsonOf(await world.get(`${question}&cursor=${next}`))).events)).toEqual(['2', '3']);
    expect(await jsonOf(await world.get(question))).toEqual({ events: [] });
  });

  it('accepts its cursors while the root key is being changed', async () => {
    const world = httpWorld({ hits });
    const { next } = await jsonOf(await world.get('/v1/events?limit=2'));
    world.secrets.rotate('rootKey', 'another root key');
    expect(idsIn((await jsonOf(await world.get(`/v1/events?limit=2&cursor=${next}`))).events)).toEqual(['2', '1']);
  });

  it('shows a tenant its own events only, and an operator all', async () => {
    const world = httpWorld({ hits: [...hits, ...hitsFrom('2026-05-05T11:00:00Z', 3, 1000, 'other')] });
    const countFor = async (tenant: string) =>
      (await jsonOf(await world.get('/v1/events', { key: await world.key(tenant) }))).events.length;
    expect(await countFor('acme')).toBe(5);
    expect(await countFor('other')).toBe(3);
    expect(await countFor('third')).toBe(0);
    expect(await countFor('*')).toBe(8);
  });

  it('filters by what was asked', async () => {
    const world = httpWorld({ hits });
    expect((await jsonOf(await world.get('/v1/events?kind=event&kind=alert'))).events).toHaveLength(5);
    expect((await jsonOf(await world.get('/v1/events?kind=alert'))).events).toHaveLength(0);
    expect((await jsonOf(await world.get('/v1/events?from=2026-05-05T12:00:03+02:00'))).events).toHaveLength(2);
  });

  it('answers HEAD like GET, without a body', async () => {
    const world = httpWorld({ hits });
    const headers = { authorization: `Bearer ${await world.key('acme')}` };
    const response = await world.app.request('https://api.example.com/v1/events', { method: 'HEAD', headers });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});

describe('GET /v1/events/{id}', () => {
  const odd = aHit('a/b c%', undefined);
  const find = { hits: [...hits, odd, aHit('theirs', '2026-05-05T10:00:00Z', 'other')] };

  it('gives one event by its id, with or without a time, whatever characters the id has', async () => {
    const world = httpWorld(find);
    for (const id of ['closer/acme-2026-05-05T10:00:00Z-3', 'closer/a/b c%']) {
      const response = await world.get(`/v1/events/${encodeURIComponent(id)}`);
      expect(response.status).toBe(200);
      expect(((await response.json()) as EcsEvent).event.id).toBe(id);
    }
    expect((await world.get('/v1/events/closer/acme-2026-05-05T10:00:00Z-3')).status).toBe(200);
  });

  it('tells nobody whether another tenant has such an event', async () => {
    const world = httpWorld(find);
    const theirs = await world.get('/v1/events/closer%2Ftheirs');
    const none = await world.get('/v1/events/closer%2Fnone');
    expect([theirs.status, none.status]).toEqual([404, 404]);
    expect(await theirs.text()).toBe(await none.text());
    expect((await world.get('/v1/events/closer%2Ftheirs', { key: await world.key('*') })).status).toBe(200);
  });

  it('takes as long to find nothing as to find what is another tenant’s', async () => {
    const world = httpWorld(find);
    const { find: findHit } = world.source;
    vi.spyOn(world.source, 'find').mockImplementation(async (id) => {
      const hit = await findHit(id);
      world.clock.advance(hit ? 130 : 3);
      return hit;
    });
    const spent = async (id: string, key?: string) => {
      const startedMs = world.clock.nowMs();
      await world.get(`/v1/events/${encodeURIComponent(id)}`, key === undefined ? {} : { key });
      return world.clock.nowMs() - startedMs;
    };
    expect([await spent('closer/theirs'), await spent('closer/none')]).toEqual([250, 250]);
    expect(await spent('closer/theirs?around=3')).toBe(250);
    expect(await spent('closer/none', await world.key('*'))).toBe(3);
  });
});
