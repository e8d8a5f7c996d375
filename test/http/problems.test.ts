import { describe, expect, it } from 'vitest';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import type { Problem } from '../../shared/core/problem.ts';
import { httpWorld } from '../support/http-world.ts';
import { storeRevoked } from '../support/store-key.ts';
import { hitsFrom } from '../support/world.ts';

const hits = hitsFrom('2026-05-05T10:00:00Z', 5);
const problemIn = async (response: Response): Promise<Problem> => {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  expect(response.headers.get('cache-control')).toBe('no-store');
  const problem = (await response.json()) as Problem;
  expect(problem.status).toBe(response.status);
  expect(problem.type).toMatch(/^urn:sluice:problem:[a-z-]+$/);
  expect(problem.title).not.toBe('');
  return problem;
};

const parametersIn = ({ errors = [] }: Problem): readonly string[] =>
  errors.map((mistake) => ('parameter' in mistake ? mistake.parameter : 'not a parameter'));

describe('a mistake in the question', () => {
  it('is answered with every mistake at once, each under its parameter', async () => {
    const response = await httpWorld().get(
      '/v1/events?from=yesterday&outcome=fail&limit=5000&sort=up&cursor=made-up&format=xml&actoin=x&status=99&ip=10.1&limit=2&limt=3',
    );
    const problem = await problemIn(response);
    expect(response.status).toBe(400);
    expect(parametersIn(problem).toSorted()).toEqual(
      ['actoin', 'cursor', 'format', 'from', 'ip', 'limit', 'limt', 'outcome', 'sort', 'status'].sort(),
    );
    expect(problem.errors).toContainEqual({ parameter: 'actoin', detail: 'is not a parameter. Did you mean action?' });
    expect(problem.errors).toContainEqual({ parameter: 'limt', detail: 'is not a parameter. Did you mean limit?' });
    for (const parameter of parametersIn(problem)) expect(problem.detail).toContain(parameter);
  });

  it.each([
    ['limit', '/v1/events?limit=0'],
    ['limit', '/v1/events?limit=1001'],
    ['limit', '/v1/events?limit=-1'],
    ['limit', '/v1/events?limit=1e2'],
    ['sort', '/v1/events?sort=DESC'],
    ['cursor', '/v1/events?cursor='],
    ['from', '/v1/events?from=2026-05-06&to=2026-05-05'],
    ['__proto__', '/v1/events?__proto__=x'],
    ['toString', '/v1/events?toString=x'],
    ['q', '/v1/events?q=event.action:('],
    ['verbose', '/v1/events/closer%2F1?verbose=1'],
  ])('names %s in %s', async (field, path) => {
    const response = await httpWorld().get(path);
    expect(response.status).toBe(400);
    expect(parametersIn(await problemIn(response))).toEqual([field]);
  });

  it('names the cursor when it is another question’s, another tenant’s or changed', async () => {
    const world = httpWorld({ hits });
    const { next } = (await (await world.get('/v1/events?limit=2')).json()) as { readonly next: string };
    for (const [path, key] of [
      [`/v1/events?limit=2&kind=event&cursor=${next}`, undefined],
      [`/v1/events?limit=2&sort=asc&cursor=${next}`, undefined],
      [`/v1/events?limit=2&cursor=${next}`, await world.key('other')],
      [`/v1/events?limit=2&cursor=${next.slice(0, -2)}`, undefined],
    ] as const) {
      const response = await world.get(path, key === undefined ? {} : { key });
      expect(response.status).toBe(400);
      expect(parametersIn(await problemIn(response))).toEqual(['cursor']);
    }
  });

  it('is never answered with a secret that was written in the wrong place', async () => {
    const world = httpWorld();
    const key = await world.key('acme');
    const body = await (await world.get(`/v1/events?from=${key}&key=${key}&${key}=1`)).text();
    expect(body).not.toContain(key.slice(-43));
  });

  it('is refused before it is read when it is too long', async () => {
    expect((await problemIn(await httpWorld().get(`/v1/events?user=${'x'.repeat(9_000)}`))).status).toBe(414);
  });
});

describe('who may ask', () => {
  it('a key is needed, in one of two headers', async () => {
    const world = httpWorld({ hits });
    const response = await world.get('/v1/events', { key: '' });
    expect((await problemIn(response)).status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="sluice"');
    const key = await world.key('acme');
    expect((await world.get('/v1/events', { key: '', headers: { 'x-api-key': key } })).status).toBe(200);
    expect((await world.get('/v1/events', { key: '', headers: { authorization: `bearer  ${key}` } })).status).toBe(200);
  });

  it('a wrong, cut or revoked key is refused, and the answer does not repeat it', async () => {
    const world = httpWorld({ hits });
    const key = await world.key('acme');
    const id = key.split('_')[1] ?? '';
    const forged = `sluice_${id}_${'A'.repeat(43)}`;
    for (const wrong of [forged, key.slice(0, -1), `${key}A`, 'Bearer', id, '_', 'sluice__'])
      expect((await problemIn(await world.get('/v1/events', { key: wrong }))).status).toBe(401);
    expect(await (await world.get('/v1/events', { key: forged })).text()).not.toContain('AAAA');
    await storeRevoked(world, id);
    expect((await world.get('/v1/events', { key })).status).toBe(401);
  });

  it('a key without the scope is told which one it lacks', async () => {
    const world = httpWorld({ hits });
    const response = await world.get('/v1/events', { key: await world.key('acme', ['subscriptions:write']) });
    expect(await problemIn(response)).toMatchObject({ status: 403, detail: expect.stringContaining('events:read') });
    expect((await world.get('/v1/events', { key: await world.key('*', ['operator']) })).status).toBe(200);
  });

  it('mistakes in the question are told only to those with a key', async () => {
    expect((await httpWorld().get('/v1/events?from=yesterday', { key: '' })).status).toBe(401);
  });
});

describe('what is not there', () => {
  it.each(['/', '/v1', '/v1/events/', '/v2/events', '/v1/subscriptions/'])('GET %s is not found', async (path) => {
    expect((await problemIn(await httpWorld().get(path))).status).toBe(404);
  });

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])('%s is not allowed, and the answer says what is', async (method) => {
    for (const path of ['/v1/events', '/v1/events/closer%2F1', '/health']) {
      const response = await httpWorld().app.request(`https://api.example.com${path}`, { method });
      expect((await problemIn(response)).status).toBe(405);
      expect(response.headers.get('allow')).toBe('GET, HEAD');
    }
  });

  it('health needs no key and nothing else', async () => {
    const response = await httpWorld().get('/health', { key: '' });
    expect(await response.json()).toEqual({ status: 'ok' });
  });
});

describe('a mistake of ours', () => {
  it('that passes is 503 with the time to wait, and a warning in the log', async () => {
    const world = httpWorld({ hits });
    world.source.failNext({ at: 'open', error: new RetryLater('https://es.internal:9200 did not answer') });
    const response = await world.get('/v1/events');
    expect(response.headers.get('retry-after')).toBe('5');
    expect(await problemIn(response)).toMatchObject({
      status: 503,
      detail: expect.not.stringContaining('es.internal'),
    });
    expect(world.notices).toEqual([{ level: 'warn', message: expect.stringContaining('did not answer') }]);
  });

  it.each([
    new OperatorMustFix('SLUICE_SOURCE_INDEX matches nothing at es.internal'),
    new TypeError('es.internal is undefined'),
  ])('that does not pass is 500 with a plain sentence, and an error in the log: %s', async (error) => {
    const world = httpWorld({ hits });
    world.source.failNext({ at: 'open', error });
    const response = await world.get('/v1/events');
    expect(await problemIn(response)).toMatchObject({
      status: 500,
      detail: expect.not.stringContaining('es.internal'),
    });
    expect(world.notices).toEqual([{ level: 'error', message: expect.stringContaining('es.internal') }]);
  });

  it('a missing root key is ours too', async () => {
    const world = httpWorld({ hits });
    world.secrets.get = async () => undefined;
    expect((await world.get('/v1/events')).status).toBe(500);
    expect(world.notices[0]?.message).toContain('rootKey');
  });
});
