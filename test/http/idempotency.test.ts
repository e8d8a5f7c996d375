import { describe, expect, it } from 'vitest';
import { httpWorld } from '../support/http-world.ts';

const aWriter = async () => {
  const world = httpWorld();
  const key = await world.key('acme', ['subscriptions:write', 'keys:write', 'events:read']);
  const create = (idempotencyKey: string, options: { readonly key?: string; readonly body?: unknown } = {}) =>
    world.send('POST', '/v1/subscriptions', {
      key: options.key ?? key,
      body: options.body ?? { destination: { type: 'webhook', url: 'https://8.8.8.8/hook' } },
      headers: { 'idempotency-key': idempotencyKey },
    });
  const count = async (as = key) =>
    ((await (await world.get('/v1/subscriptions', { key: as })).json()) as { items: readonly unknown[] }).items.length;
  return { world, key, create, count };
};

const hours = (count: number) => count * 3_600_000;

describe('a request with an Idempotency-Key', () => {
  it('happens once: repeated, it is given the first answer, secret and all', async () => {
    const { create, count } = await aWriter();
    const first = await create('"8e03978e-40d5-43dd-bc93-6894a57f9324"');
    const again = await create('"8e03978e-40d5-43dd-bc93-6894a57f9324"');
    expect([first.status, again.status]).toEqual([201, 201]);
    const text = await first.text();
    expect(await again.text()).toBe(text);
    expect(text).toContain('"whsec_');
    for (const name of ['etag', 'location', 'content-type'])
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    expect(again.headers.get('idempotent-replayed')).toBe('true');
    expect(await count()).toBe(1);
  });

  it('is the same with and without quotes', async () => {
    const { create, count } = await aWriter();
    await create('"one"');
    await create('one');
    expect(await count()).toBe(1);
  });

  it('is another request with another body or path: 422, and nothing happens', async () => {
    const { world, key, create, count } = await aWriter();
    await create('one');
    expect((await create('one', { body: { destination: { type: 'poll' } } })).status).toBe(422);
    const keys = await world.send('POST', '/v1/keys', {
      key,
      body: { scopes: ['events:read'] },
      headers: { 'idempotency-key': 'one' },
    });
    expect(keys.status).toBe(422);
    expect(await count()).toBe(1);
  });

  it('is 409 while the first one is under way, and not done twice', async () => {
    const { create, count } = await aWriter();
    const answers = await Promise.all([create('one'), create('one'), create('one')]);
    const statuses = answers.map(({ status }) => status).toSorted();
    expect(statuses.at(0)).toBe(201);
    for (const status of statuses.slice(1)) expect([201, 409]).toContain(status);
    expect(await count()).toBe(1);
    expect((await create('one')).headers.get('idempotent-replayed')).toBe('true');
  });

  it('is forgotten after 24 hours', async () => {
    const { world, create, count } = await aWriter();
    await create('one');
    world.clock.advance(hours(24) - 1);
    await create('one');
    expect(await count()).toBe(1);
    world.clock.advance(2);
    await create('one');
    expect(await count()).toBe(2);
  });

  it('is done again when it was refused or failed: nothing of it is kept', async () => {
    const { world, create, count } = await aWriter();
    expect((await create('one', { body: { destination: { type: 'ftp' } } })).status).toBe(400);
    world.records.failNext('before', 'range');
    expect((await create('one')).status).toBe(503);
    expect((await create('one')).status).toBe(201);
    expect(await count()).toBe(1);
  });

  it('is answered as it was done even when the answer cannot be remembered', async () => {
    const { world, create, count } = await aWriter();
    let writes = 0;
    world.records.failWhen((operation, target) => {
      if (operation !== 'compareAndSet' || !target.startsWith('idempotency/')) return undefined;
      writes += 1;
      return writes === 3 ? 'before' : undefined;
    });
    expect((await create('one')).status).toBe(201);
    expect((await create('one')).status).toBe(409);
    expect(await count()).toBe(1);
    expect(world.notices).toEqual([{ level: 'warn', message: expect.stringContaining('could not be kept') }]);
  });

  it('is not done again when nobody can tell whether it was: 409 says to look first', async () => {
    const { world, create, count } = await aWriter();
    world.records.failWhen((operation, target) =>
      operation === 'compareAndSet' && target.startsWith('roster/acme/') ? 'after' : undefined,
    );
    expect((await create('one')).status).toBe(503);
    world.records.failWhen(() => undefined);
    expect((await create('one')).status).toBe(409);
    world.clock.advance(60_001);
    const again = await create('one');
    expect(again.status).toBe(409);
    expect(await again.text()).toContain('Look at what is there');
    expect(await count()).toBe(1);
  });

  it('is done again a minute after whoever began it has died, before it changed anything', async () => {
    const { world, create } = await aWriter();
    await create('one');
    const [record] = await world.records.range('idempotency/acme', { limit: 10 });
    if (!record) throw new Error('nothing is remembered');
    const { request } = record.value as { request: string };
    const value = { request, untilMs: world.clock.nowMs() + 60_000 };
    await world.records.compareAndSet({ ...record, value }, record.version);
    expect((await create('one')).status).toBe(409);
    world.clock.advance(60_001);
    expect((await create('one')).status).toBe(201);
  });

  it('says nothing to another API key, of the same tenant or of another', async () => {
    const { world, create, count } = await aWriter();
    await create('one');
    const colleague = await world.key('acme', ['subscriptions:write']);
    const other = await world.key('bolt', ['subscriptions:write']);
    for (const key of [colleague, other]) {
      const answer = await create('one', { key });
      expect(answer.status).toBe(201);
      expect(answer.headers.get('idempotent-replayed')).toBeNull();
    }
    expect(await count(other)).toBe(1);
  });

  it('leaves no secret, and not the key itself, in the state', async () => {
    const { world, create } = await aWriter();
    const { signing } = (await (await create('my-own-key')).json()) as { signing: { secret: string } };
    const kept = JSON.stringify(await world.records.range('idempotency/acme', { limit: 10 }));
    expect(kept).toContain('sealed');
    expect(kept).not.toContain(signing.secret.slice(6));
    expect(kept).not.toContain('my-own-key');
    expect(kept).not.toContain('8.8.8.8');
  });

  it('keeps its answer over a change of the root key, and does nothing twice when the former is gone', async () => {
    const { world, create, count } = await aWriter();
    const first = await (await create('one')).text();
    world.secrets.rotate('rootKey', 'another root key of the tests, long enough');
    expect(await (await create('one')).text()).toBe(first);
    world.secrets.rotate('rootKey', 'a third root key of the tests, long enough');
    expect((await create('one')).status).toBe(409);
    expect(await count()).toBe(1);
  });

  it.each(['', '""', 'x'.repeat(256), 'é', 'a\tb', '"unclosed'])('that is %s is refused', async (idempotencyKey) => {
    const { create, count } = await aWriter();
    const answer = await create(idempotencyKey);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ errors: [{ header: 'Idempotency-Key' }] });
    expect(await count()).toBe(0);
  });
});
