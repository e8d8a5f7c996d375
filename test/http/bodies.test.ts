import { describe, expect, it } from 'vitest';
import type { Problem } from '../../shared/core/problem.ts';
import { manageOperations } from '../../shared/http/manage-app.ts';
import { maxBodyBytes } from '../../shared/http/read-body.ts';
import { type HttpWorld, httpWorld } from '../support/http-world.ts';

const webhook = { type: 'webhook', url: 'https://8.8.8.8/hook' };

const aWriter = async () => {
  const world = httpWorld();
  const key = await world.key('acme', ['subscriptions:write', 'keys:write']);
  return {
    world,
    key,
    create: (body: unknown, headers = {}) => world.send('POST', '/v1/subscriptions', { key, body, headers }),
  };
};

const problemIn = async (response: Response): Promise<Problem> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  return (await response.json()) as Problem;
};

const pointersIn = ({ errors = [] }: Problem): readonly string[] =>
  errors.map((mistake) => ('pointer' in mistake ? mistake.pointer : 'no pointer'));

describe('a body with mistakes', () => {
  it('is answered with every mistake at once, each with its place and the remedy', async () => {
    const { create } = await aWriter();
    const response = await create({
      descripton: 'x',
      description: 'SOC \u202E',
      filter: { outcome: 'fail', ip: ['10.0.0.0/8', 'here'] },
      format: 'esc',
      fields: ['user.id', 'usr.id'],
      personalData: true,
      batch: { maxEvents: 0, maxDelaySecond: 1 },
      start: 'tomorrow',
      destination: { type: 'webhook', url: 'https://10.0.0.1/x', headers: { Host: 'x' }, compression: 'br' },
    });
    expect(response.status).toBe(400);
    const problem = await problemIn(response);
    expect(new Set(pointersIn(problem))).toEqual(
      new Set([
        '/descripton',
        '/description',
        '/filter/outcome',
        '/filter/ip',
        '/format',
        '/fields/1',
        '/personalData',
        '/batch/maxEvents',
        '/batch/maxDelaySecond',
        '/start',
        '/destination/url',
        '/destination/headers',
        '/destination/compression',
      ]),
    );
    expect(problem.errors).toContainEqual({
      pointer: '/descripton',
      detail: expect.stringContaining('did you mean description?'),
    });
    for (const { detail } of problem.errors ?? []) expect(detail.length).toBeGreaterThan(15);
  });

  it('never shows a URL’s path or a header’s value, wherever the mistake is', async () => {
    const { create } = await aWriter();
    const canary = 'cAnAryOfThisVeryTest';
    for (const destination of [
      { ...webhook, url: `https://user:${canary}@10.0.0.1/${canary}?${canary}` },
      { ...webhook, url: [canary] },
      { ...webhook, url: `ftp://8.8.8.8/${canary}` },
      { ...webhook, headers: { Host: canary, 'X-A': `${canary}\r\nX-B: ${canary}` } },
      { ...webhook, headers: { 'X-A': [canary] } },
      { ...webhook, headers: canary },
      { type: 'webhok', url: `https://8.8.8.8/${canary}`, headers: { 'X-A': canary } },
    ]) {
      const response = await create({ destination, batch: { maxEvents: -1 } });
      expect(response.status).toBe(400);
      expect(await response.text()).not.toContain(canary);
    }
  });

  it('escapes what a pointer gives a meaning to', async () => {
    const { create } = await aWriter();
    const problem = await problemIn(await create({ destination: webhook, 'a/b~c': 1 }));
    expect(pointersIn(problem)).toEqual(['/a~1b~0c']);
  });

  it('tells of a patch what the subscription would become', async () => {
    const { world, key, create } = await aWriter();
    const { subscription } = (await (await create({ destination: webhook })).json()) as {
      subscription: { id: string };
    };
    const patch = {
      id: 'other',
      description: 3,
      start: 'beginning',
      destination: { url: 'https://10.0.0.1/' },
      fields: ['x'],
    };
    const response = await world.send('PATCH', `/v1/subscriptions/${subscription.id}`, {
      key,
      body: patch,
      headers: { 'if-match': '*' },
    });
    expect(response.status).toBe(400);
    expect(pointersIn(await problemIn(response)).toSorted()).toEqual([
      '/description',
      '/destination/url',
      '/fields/0',
      '/id',
      '/start',
    ]);
  });
});

describe('a body that is no JSON, or hostile JSON', () => {
  const nested = (levels: number) => `${'['.repeat(levels)}${']'.repeat(levels)}`;
  it.each([
    ['half of it', '{"destination":'],
    ['nothing', ''],
    ['text', 'destination'],
    ['null', 'null'],
    ['a number', '1e999'],
    ['a list', '[]'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ['UTF-16', new Uint8Array(Buffer.from('{"a":1}', 'utf16le'))],
    ['a thousand levels', `{"filter":${nested(1_000)}}`],
    ['thirty thousand levels', nested(30_000)],
    ['a filter of a thousand levels of q', JSON.stringify({ destination: webhook, filter: { q: '('.repeat(1_000) } })],
    ['a lone surrogate', '{"description":"\\ud800","destination":{"type":"poll"}}'],
    ['a prototype', '{"__proto__":{"destination":{"type":"poll"}}}'],
    ['a deep prototype', '{"destination":{"type":"poll","__proto__":{"x":1}}}'],
    ['a constructor', '{"constructor":{"prototype":{}},"destination":{"type":"poll"}}'],
  ])('%s is refused with the place', async (_what, body) => {
    const { create } = await aWriter();
    const response = await create(body);
    expect(response.status).toBe(400);
    expect(pointersIn(await problemIn(response)).length).toBeGreaterThan(0);
    expect(({} as { x?: unknown }).x).toBeUndefined();
  });

  it('of a key that is there twice the last one counts', async () => {
    const { create } = await aWriter();
    const response = await create('{"description":"first","description":"last","destination":{"type":"poll"}}');
    expect(((await response.json()) as { subscription: { description: string } }).subscription.description).toBe(
      'last',
    );
  });

  it('a byte order mark in front of it does no harm', async () => {
    const { create } = await aWriter();
    expect((await create(`\uFEFF${JSON.stringify({ destination: { type: 'poll' } })}`)).status).toBe(201);
  });
});

describe('a body that is too large or of another type', () => {
  it('is refused by its length, without being read', async () => {
    const { create } = await aWriter();
    const response = await create('{}', { 'content-length': '10485760' });
    expect(response.status).toBe(413);
    await problemIn(response);
  });

  it('is refused as soon as more has come than is taken, when it does not say its length', async () => {
    const { world, key } = await aWriter();
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        sent += 1;
        controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
    const response = await world.app.request('https://api.example.com/v1/subscriptions', {
      method: 'POST',
      body: endless,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      duplex: 'half',
    } as RequestInit);
    expect(response.status).toBe(413);
    expect(sent * 16_384).toBeLessThan(4 * maxBodyBytes);
  });

  it('of exactly as much as is taken is read', async () => {
    const { create } = await aWriter();
    const body = JSON.stringify({ destination: { type: 'poll' } }).padEnd(maxBodyBytes, ' ');
    expect((await create(body)).status).toBe(201);
    expect((await create(`${body} `)).status).toBe(413);
  });

  it.each([
    ['text/plain'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
    ['application/json; charset=utf-16'],
    ['application/merge-patch+json'],
    [''],
  ])('of type "%s" is 415', async (type) => {
    const { create } = await aWriter();
    expect((await create({ destination: { type: 'poll' } }, { 'content-type': type })).status).toBe(415);
  });

  it('that is compressed is 415', async () => {
    const { create } = await aWriter();
    expect((await create({ destination: { type: 'poll' } }, { 'content-encoding': 'gzip' })).status).toBe(415);
  });

  it('is read as application/json in UTF-8, however that is spelt', async () => {
    const { create } = await aWriter();
    const headers = { 'content-type': 'Application/JSON; Charset="UTF-8"' };
    expect((await create({ destination: { type: 'poll' } }, headers)).status).toBe(201);
  });
});

describe('a call that needs no body', () => {
  it('takes none, or an empty object, and names what else it is given', async () => {
    const { world, key, create } = await aWriter();
    const { subscription } = (await (await create({ destination: { type: 'poll' } })).json()) as {
      subscription: { id: string };
    };
    const path = `/v1/subscriptions/${subscription.id}/resume`;
    expect((await world.send('POST', path, { key })).status).toBe(200);
    expect((await world.send('POST', path, { key, body: {} })).status).toBe(200);
    const response = await world.send('POST', path, { key, body: { reason: 'x' } });
    expect(response.status).toBe(400);
    expect(pointersIn(await problemIn(response))).toEqual(['/reason']);
  });
});

describe('methods', () => {
  const paths = [...Map.groupBy(manageOperations, ({ path }) => path)];
  it.each(paths)('%s says which it takes', async (path, operations) => {
    const { world, key } = await aWriter();
    const allowed = allowedBy(operations);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND'].filter(
      (each) => !allowed.includes(each),
    )) {
      const response = await refusedBy(world, key, method, path);
      expect([method, response.status]).toEqual([method, 405]);
      expect(response.headers.get('allow')?.split(', ').toSorted()).toEqual(allowed.toSorted());
    }
  });
});

const allowedBy = (operations: readonly { readonly method: string }[]): readonly string[] =>
  operations.flatMap(({ method }) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));

const refusedBy = (world: HttpWorld, key: string, method: string, path: string): Promise<Response> =>
  world.send(method, path.replaceAll(/\{\w+\}/g, 'x'), { key });
