/** Whatever is sent to whichever call: the answer is what was asked for, or a problem that is the caller's, and holds nothing of another tenant. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { manageOperations } from '../../shared/http/manage-app.ts';
import { type HttpWorld, httpWorld } from '../support/http-world.ts';

const canary = 'bOltsOwnWord';
const aTenantsThings = async (world: HttpWorld, tenant: string, description: string) => {
  const key = await world.key(tenant, ['events:read', 'subscriptions:write', 'keys:write']);
  const ids: string[] = [];
  for (const destination of [{ type: 'webhook', url: `https://8.8.8.8/${description}` }, { type: 'poll' }]) {
    const created = await world.send('POST', '/v1/subscriptions', { key, body: { description, destination } });
    ids.push(((await created.json()) as { subscription: { id: string } }).subscription.id);
  }
  const made = await world.send('POST', '/v1/keys', { key, body: { name: description, scopes: ['events:read'] } });
  const { key: second } = (await made.json()) as { key: { id: string } };
  return { key, ids: [...ids, second.id] };
};

const aSharedWorld = async () => {
  const world = httpWorld();
  const bolt = await aTenantsThings(world, 'bolt', canary);
  const acme = await aTenantsThings(world, 'acme', 'ours');
  return { world, bolt, acme };
};

const odd = fc.oneof(
  fc.string({ maxLength: 40, unit: 'binary' }),
  fc.constantFrom(
    '',
    '*',
    '..',
    '%2e%2e%2f',
    '__proto__',
    'constructor',
    '\u0000',
    '\u202E',
    "'; --",
    '"1"',
    '-1',
    '1e9',
    'NaN',
    'null',
  ),
);

const plausible = fc.record(
  {
    description: odd,
    tenant: fc.constantFrom('acme', 'bolt', '*'),
    filter: fc.oneof(
      fc.dictionary(fc.constantFrom('q', 'action', 'ip', 'from', 'x'), fc.jsonValue({ maxDepth: 2 })),
      fc.jsonValue(),
    ),
    format: fc.oneof(fc.constant('ecs'), fc.jsonValue({ maxDepth: 1 })),
    fields: fc.array(fc.oneof(fc.constantFrom('user.id', 'event'), odd), { maxLength: 3 }),
    batch: fc.dictionary(fc.constantFrom('maxEvents', 'maxBytes', 'x'), fc.oneof(fc.integer(), fc.double(), odd)),
    destination: fc.oneof(
      fc.record({
        type: fc.constantFrom('webhook', 's3', 'poll', 'folder', 'x'),
        url: odd,
        headers: fc.dictionary(odd, odd),
        bucket: odd,
        path: odd,
      }),
      fc.jsonValue({ maxDepth: 2 }),
    ),
    scopes: fc.array(fc.constantFrom('events:read', 'operator', 'x')),
    name: odd,
    from: fc.oneof(fc.constantFrom('2026-05-05T00:00:00Z', 1, 0, -1, 1e308), odd),
    to: fc.oneof(fc.integer(), odd),
    reason: odd,
    overlapSeconds: fc.oneof(fc.integer(), fc.double(), odd),
  },
  { requiredKeys: [] },
);

const body = fc.oneof(
  { weight: 4, arbitrary: plausible.map((value) => JSON.stringify(value)) },
  fc.json(),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.uint8Array({ maxLength: 60 }).map((bytes) => new Uint8Array(bytes)),
);

const headerText = odd.map((text) => text.replaceAll(/[^\x20-\x7e]/g, '').trim());
const headers = fc.record(
  {
    'if-match': fc.oneof(fc.constantFrom('*', '"1"', '"2"'), headerText),
    'idempotency-key': fc.oneof(fc.constantFrom('a', 'b'), headerText),
    'content-type': fc.oneof({ weight: 5, arbitrary: fc.constant('application/json') }, headerText),
    accept: headerText,
    range: headerText,
    'content-length': fc.constantFrom('0', '999999999'),
  },
  { requiredKeys: [] },
);
const query = fc.dictionary(fc.oneof(fc.constantFrom('limit', 'after', 'tenant', 'from', 'ack', 'wait'), odd), odd, {
  maxKeys: 3,
});

describe('every call of the API', () => {
  it.each(['tenant', 'operator'])(
    'answers random requests of a %s with what was asked for or a problem of the caller, and tells nothing of another tenant',
    async (who) => {
      const { world, bolt, acme } = await aSharedWorld();
      const key = who === 'operator' ? await world.key('*', ['operator']) : acme.key;
      const segment = fc.oneof(fc.constantFrom(...acme.ids, ...bolt.ids), odd);
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...manageOperations),
          fc.tuple(segment, segment),
          query,
          headers,
          body,
          fc.boolean(),
          async ({ method, path }, segments, parameters, sent, content, withBody) => {
            let at = 0;
            const filled = path.replaceAll(/\{\w+\}/g, () =>
              encodeURIComponent(segments[at++ % 2]?.toWellFormed() ?? ''),
            );
            const search = new URLSearchParams(
              Object.entries(parameters).map(([name, value]): [string, string] => [
                name.toWellFormed(),
                value.toWellFormed(),
              ]),
            );
            world.clock.advance(10_000);
            const response = await world.send(method, `${filled}${search.size > 0 ? `?${search}` : ''}`, {
              key,
              headers: sent,
              ...(withBody && method !== 'GET' && { body: content }),
            });
            expect([200, 201, 204, 400, 403, 404, 405, 409, 412, 413, 414, 415, 422, 428, 429]).toContain(
              response.status,
            );
            const text = await response.text();
            if (who === 'tenant') expect(text).not.toContain(canary);
            if (response.status >= 400) expect(response.headers.get('content-type')).toBe('application/problem+json');
          },
        ),
        { numRuns: 1_000 },
      );
      expect(world.notices.filter(({ level }) => level === 'error')).toEqual([]);
      if (who === 'operator') return;
      // Whatever was sent, the other tenant's things are as they were.
      const { items } = (await (await world.get('/v1/subscriptions', { key: bolt.key })).json()) as {
        items: readonly { description?: string; version: number }[];
      };
      expect(items.map(({ description, version }) => [description, version])).toEqual([
        [canary, 1],
        [canary, 1],
      ]);
    },
    60_000,
  );
});

describe("another tenant's things", () => {
  const bodies: Readonly<Record<string, unknown>> = {
    changeSubscription: { description: 'x' },
    replaySubscription: { from: 1 },
    discardDeadLetter: { reason: 'x' },
  };
  const withId = manageOperations.filter(({ path, scopes }) => path.includes('{') && !scopes.includes('operator'));
  it.each(withId.map((one) => [one.name, one] as const))(
    '%s answers alike for what is theirs and for what is nowhere',
    async (name, { method, path }) => {
      const { world, bolt, acme } = await aSharedWorld();
      const ids =
        name === 'revokeKey' ? [bolt.ids[2], 'ffffffffffffffff'] : [bolt.ids[0], 'bolt-aaaaaaaaaaaa', 'nowhere'];
      const answers = await Promise.all(
        ids.map(async (id) => {
          const filled = path.replace('{id}', id ?? '').replace('{letter}', 'one');
          const options = {
            key: acme.key,
            headers: { 'if-match': '*' },
            ...(bodies[name] !== undefined && { body: bodies[name] }),
          };
          const response = await world.send(method, filled, options);
          return { status: response.status, text: await response.text(), tag: response.headers.get('etag') };
        }),
      );
      for (const answer of answers) expect(answer).toEqual({ status: 404, text: answers[0]?.text, tag: null });
    },
  );

  it('are in no list, no status and no audit', async () => {
    const { world, bolt, acme } = await aSharedWorld();
    for (const path of ['/v1/subscriptions', '/v1/subscriptions?tenant=bolt', '/v1/keys', '/v1/status', '/v1/audit']) {
      const text = await (await world.get(path, { key: acme.key })).text();
      for (const id of bolt.ids) expect(text).not.toContain(id);
      expect(text).not.toContain(canary);
    }
  });

  it('a tenant named in a body is the caller’s own, or a mistake', async () => {
    const { world, acme } = await aSharedWorld();
    const create = (tenant: string) =>
      world.send('POST', '/v1/subscriptions', { key: acme.key, body: { tenant, destination: { type: 'poll' } } });
    expect((await create('acme')).status).toBe(201);
    const answers = await Promise.all(['bolt', 'nobody', '*'].map(async (tenant) => (await create(tenant)).status));
    expect(answers).toEqual([400, 400, 400]);
  });
});
