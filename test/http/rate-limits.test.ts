import { describe, expect, it } from 'vitest';
import { addressQuota, keyQuota } from '../../shared/http/rate-limits.ts';
import { type HttpWorld, httpWorld } from '../support/http-world.ts';

const wrongKey = (n: number) => `sluice_${n.toString(16).padStart(16, '0')}_${'A'.repeat(43)}`;

/** Asks as if the connection came from this address. */
const from = (world: HttpWorld, remoteAddress: string, key: string, path = '/v1/status') =>
  world.app.request(
    `https://api.example.com${path}`,
    { headers: key === '' ? {} : { authorization: `Bearer ${key}` } },
    { incoming: { socket: { remoteAddress } } },
  );

const many = async (count: number, ask: (n: number) => Response | Promise<Response>): Promise<readonly number[]> => {
  const statuses: number[] = [];
  for (let n = 0; n < count; n += 1) statuses.push((await ask(n)).status);
  return statuses;
};

describe('an API key', () => {
  it('is told with every answer how much it may ask, and how much is left', async () => {
    const world = httpWorld();
    const key = await world.key('acme', ['subscriptions:read']);
    const first = await world.get('/v1/status', { key });
    expect(first.headers.get('ratelimit-policy')).toBe('"key";q=600;w=60');
    expect(first.headers.get('ratelimit')).toBe('"key";r=599;t=1');
    const refused = await world.get('/v1/status?x=1', { key });
    expect([refused.status, refused.headers.get('ratelimit')]).toEqual([400, '"key";r=598;t=1']);
  });

  it('that asks too often is 429 with the time to wait, and is let in again after it', async () => {
    const world = httpWorld();
    const key = await world.key('acme', ['subscriptions:read']);
    const statuses = await many(keyQuota.most, () => world.get('/v1/status', { key }));
    expect(new Set(statuses)).toEqual(new Set([200]));
    const refused = await world.get('/v1/status', { key });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.headers.get('ratelimit')).toBe('"key";r=0;t=60');
    expect(await refused.json()).toMatchObject({ type: 'urn:sluice:problem:too-many-requests' });
    world.clock.advance(1_000);
    expect(new Set(await many(10, () => world.get('/v1/status', { key })))).toEqual(new Set([200]));
    expect((await world.get('/v1/status', { key })).status).toBe(429);
  });

  it('takes nothing from another, of the same tenant or not', async () => {
    const world = httpWorld();
    const [busy, calm] = [
      await world.key('acme', ['subscriptions:read']),
      await world.key('acme', ['subscriptions:read']),
    ];
    await many(keyQuota.most + 1, () => world.get('/v1/status', { key: busy }));
    expect((await world.get('/v1/status', { key: calm })).headers.get('ratelimit')).toBe('"key";r=599;t=1');
  });

  it('is counted for events and for everything else together', async () => {
    const world = httpWorld();
    const key = await world.key('acme', ['events:read']);
    await world.get('/v1/events', { key });
    expect((await world.get('/v1/events', { key })).headers.get('ratelimit')).toBe('"key";r=598;t=1');
  });
});

describe('requests without a valid key', () => {
  it('share the quota of their address, and another address has its own', async () => {
    const world = httpWorld();
    const statuses = await many(addressQuota.most + 5, (n) => from(world, '203.0.113.7', wrongKey(n)));
    expect(statuses.filter((status) => status === 401)).toHaveLength(addressQuota.most);
    expect(statuses.filter((status) => status === 429)).toHaveLength(5);
    expect((await from(world, '203.0.113.8', wrongKey(1))).status).toBe(401);
    expect((await from(world, '203.0.113.7', '')).headers.get('ratelimit')).toMatch(/^"address";r=0/);
  });

  it('are not looked up any more once the quota is used up', async () => {
    const world = httpWorld();
    await many(addressQuota.most, (n) => from(world, '203.0.113.7', wrongKey(n)));
    world.records.failWhen(() => 'before');
    expect((await from(world, '203.0.113.7', wrongKey(99))).status).toBe(429);
  });

  it('of one IPv6 network are those of one address', async () => {
    const world = httpWorld();
    await many(addressQuota.most, (n) => from(world, `2001:db8:1:2::${n.toString(16)}`, ''));
    expect((await from(world, '2001:db8:1:2:ffff:ffff:ffff:ffff', '')).status).toBe(429);
    expect((await from(world, '2001:db8:1:3::1', '')).status).toBe(401);
  });

  it('keep nobody out whose key was right before, whoever else guesses behind the same proxy', async () => {
    const world = httpWorld();
    const key = await world.key('acme', ['subscriptions:read']);
    expect((await from(world, '203.0.113.7', key)).status).toBe(200);
    await many(addressQuota.most + 1, (n) => from(world, '203.0.113.7', wrongKey(n)));
    expect((await from(world, '203.0.113.7', key)).status).toBe(200);
  });

  it('cannot choose their address: no header is believed', async () => {
    const world = httpWorld();
    for (let n = 0; n < addressQuota.most; n += 1)
      await world.app.request(
        'https://api.example.com/v1/status',
        { headers: { 'x-forwarded-for': `198.51.100.${n}`, forwarded: `for=198.51.100.${n}` } },
        { incoming: { socket: { remoteAddress: '203.0.113.7' } } },
      );
    expect((await from(world, '203.0.113.7', '')).status).toBe(429);
  });

  it('never keep a monitor from the health', async () => {
    const world = httpWorld();
    await many(addressQuota.most, () => from(world, '203.0.113.7', ''));
    expect((await from(world, '203.0.113.7', '', '/health')).status).toBe(200);
    expect((await from(world, '203.0.113.7', '', '/openapi.json')).status).toBe(200);
  });
});

describe('health', () => {
  it('is 200 while the state can be read, and 503 while it cannot, looked at once a second', async () => {
    const world = httpWorld();
    const ask = () => world.get('/health', { key: '' });
    expect(await (await ask()).json()).toEqual({ status: 'ok' });
    world.records.failWhen(() => 'before');
    expect((await ask()).status).toBe(200);
    world.clock.advance(1_000);
    const down = await ask();
    expect([down.status, down.headers.get('content-type'), down.headers.get('retry-after')]).toEqual([
      503,
      'application/problem+json',
      '5',
    ]);
    world.records.failWhen(() => undefined);
    world.clock.advance(1_000);
    expect((await ask()).status).toBe(200);
  });
});
