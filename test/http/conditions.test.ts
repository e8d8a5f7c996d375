import { describe, expect, it } from 'vitest';
import { httpWorld } from '../support/http-world.ts';

interface View {
  readonly id: string;
  readonly version: number;
  readonly description?: string;
}

const aSubscribedWorld = async () => {
  const world = httpWorld();
  const key = await world.key('acme', ['subscriptions:write']);
  const created = await world.send('POST', '/v1/subscriptions', { key, body: { destination: { type: 'poll' } } });
  const { subscription } = (await created.json()) as { subscription: View };
  const path = `/v1/subscriptions/${subscription.id}`;
  const change = (ifMatch: string | undefined, description = 'changed') =>
    world.send('PATCH', path, {
      key,
      body: { description },
      headers: {
        'content-type': 'application/merge-patch+json',
        ...(ifMatch !== undefined && { 'if-match': ifMatch }),
      },
    });
  return { world, key, path, created, change };
};

describe('a change', () => {
  it('names the version it changes, which every answer carries as ETag', async () => {
    const { world, key, path, created, change } = await aSubscribedWorld();
    expect(created.headers.get('location')).toBe(path);
    const tag = (await world.get(path, { key })).headers.get('etag') ?? '';
    expect(tag).toBe(created.headers.get('etag'));
    const changed = await change(tag);
    expect(changed.status).toBe(200);
    const view = (await changed.json()) as View;
    expect(changed.headers.get('etag')).toBe(`"${view.version}"`);
    expect(changed.headers.get('etag')).not.toBe(tag);
    expect((await change(changed.headers.get('etag') ?? '', 'once more')).status).toBe(200);
  });

  it('without If-Match is 428, and changes nothing', async () => {
    const { world, key, path, change } = await aSubscribedWorld();
    for (const ifMatch of [undefined, '', '  ']) expect((await change(ifMatch)).status).toBe(428);
    expect((await world.send('DELETE', path, { key })).status).toBe(428);
    expect(((await (await world.get(path, { key })).json()) as View).description).toBeUndefined();
  });

  it('of a version of yesterday is 412, says what to do, and changes nothing', async () => {
    const { world, key, path, created, change } = await aSubscribedWorld();
    const old = created.headers.get('etag') ?? '';
    await change(old, 'of somebody else');
    const refused = await change(old, 'mine');
    expect(refused.status).toBe(412);
    expect(await refused.json()).toMatchObject({ detail: expect.stringContaining('Read it again') });
    expect((await world.send('DELETE', path, { key, headers: { 'if-match': old } })).status).toBe(412);
    expect(((await (await world.get(path, { key })).json()) as View).description).toBe('of somebody else');
  });

  it.each(['W/"1"', '1', '"one"', '"1", "2"', '"99999999999999999999"', "'1'", '"-1"', '"1"x'])(
    'with If-Match %s matches no version',
    async (ifMatch) => {
      const { change } = await aSubscribedWorld();
      expect((await change(ifMatch)).status).toBe(412);
    },
  );

  it('with If-Match * is made whatever the version is', async () => {
    const { world, key, path, change } = await aSubscribedWorld();
    expect((await change('*')).status).toBe(200);
    expect((await world.send('DELETE', path, { key, headers: { 'if-match': '*' } })).status).toBe(204);
    expect((await world.get(path, { key })).status).toBe(404);
  });

  it('that two make of one version at once is made once', async () => {
    const { created, change } = await aSubscribedWorld();
    const tag = created.headers.get('etag') ?? '';
    const answers = await Promise.all([change(tag, 'one'), change(tag, 'other')]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  });
});

describe('a tenant of the directory', () => {
  it('is written whole, and with If-Match only over the version that was read', async () => {
    const world = httpWorld();
    const key = await world.key('*', ['operator']);
    const put = (body: unknown, headers = {}) => world.send('PUT', '/v1/tenants/cobalt', { key, body, headers });
    const created = await put({ emailDomains: ['cobalt.example.com'] });
    expect([created.status, created.headers.get('location')]).toEqual([201, '/v1/tenants/cobalt']);
    const tag = created.headers.get('etag') ?? '';
    const changed = await put({ users: ['u1'] }, { 'if-match': tag });
    expect(changed.status).toBe(200);
    expect(await changed.json()).toMatchObject({ outcome: 'changed', tenant: { users: ['u1'], emailDomains: [] } });
    expect((await put({ users: ['u2'] }, { 'if-match': tag })).status).toBe(412);
    expect((await put({ users: ['u3'] })).status).toBe(200);
    expect((await world.send('DELETE', '/v1/tenants/cobalt', { key })).status).toBe(428);
    expect((await world.send('DELETE', '/v1/tenants/cobalt', { key, headers: { 'if-match': '*' } })).status).toBe(204);
    expect((await world.get('/v1/tenants/cobalt', { key })).status).toBe(404);
  });
});
