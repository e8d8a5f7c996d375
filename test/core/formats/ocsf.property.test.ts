import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../shared/core/catalogue/actions.ts';
import { toEcsFlat } from '../../../shared/core/ecs-flat.ts';
import type { EcsEvent } from '../../../shared/core/event.ts';
import { toOcsf } from '../../../shared/core/formats/ocsf.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeAll } from '../../../shared/core/tenants.ts';
import { mistakesIn } from '../../support/ocsf-schemas.ts';
import { edgeHits, readSample, sampleHits } from '../../support/sample-hits.ts';

const readAt = '2026-05-05T12:00:00.000Z';
const read = hitReader({ timeField: '@timestamp', attribute: attributeAll('acme') });

const odd = fc.oneof(
  fc.constantFrom('', ' ', 'ü@ü.de', 'a@b', '\u0000', '\ud800', '=1', 'x'.repeat(3_000), 'ADMIN,AGENT'),
  fc.constantFrom<unknown>(5, -1, 0, null, true, undefined, [], {}, ['a', 'b']),
  fc.string({ maxLength: 8 }),
);
const body = fc.oneof(
  fc.constantFrom('{"role":"admin"}', '{"role":""}', '{}', '[]', 'text', '{"code":"E1","data":null,"a":[null]}'),
  fc.constantFrom('{"orgId":5,"email":"q@q.example"}', '{"code":5}', '{"id":"i1","email":"a@b.co"}'),
  odd,
);

/** What the vendor writes, may write, and what somebody may make it write. */
const message = fc.record(
  {
    event: fc.record(
      {
        action: fc.oneof(
          fc.constantFrom(...actions.map(({ action }) => action)),
          fc.constantFrom('new_thing', 'a|b'),
          odd,
        ),
        outcome: fc.constantFrom('success', 'failure', 'x', ''),
      },
      { requiredKeys: [] },
    ),
    http: fc.record(
      {
        request: fc.record(
          {
            method: fc.constantFrom<unknown>('GET', 'put', 'PURGEX', 'LINK', '', 5),
            body: fc.record({ content: body, bytes: fc.constantFrom<unknown>(5, -1, 1e20, 'x') }, { requiredKeys: [] }),
          },
          { requiredKeys: [] },
        ),
        response: fc.record(
          {
            status_code: fc.constantFrom<unknown>(200, 204, '404 x', 999, 100, 5, '0'),
            body: fc.record({ content: body }, { requiredKeys: [] }),
          },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
    user: fc.record(
      {
        id: fc.oneof(fc.constant('USER-1'), odd),
        email: fc.oneof(fc.constantFrom('ada@aurora.example.com', 'ada'), odd),
        roles: fc.oneof(fc.constantFrom<unknown>(['ROLE-1'], ['ADMIN', 'ROLE-2'], 'ROLE-3'), odd),
        target: fc.record({ id: fc.oneof(fc.constantFrom('TARGET-1', 'USER-1'), odd) }),
      },
      { requiredKeys: [] },
    ),
    source: fc.record({
      ip: fc.constantFrom('/', '1.2.3.4', '::ffff:1.2.3.4', 'fe80::1%eth0', '::', 'host/1.2.3.4:80', '', '2001:db8::1'),
    }),
    url: fc.record({
      full: fc.constantFrom<unknown>(
        ...[
          'http://h/p?q=1',
          'http://[::1]:99999/x',
          'http://h:65535/',
          'http://h:65536',
          'http://a_b:0/',
          '/only/path',
        ],
        ...['http://', 'ftp://Ü.de:1/', '   ', 'http://x y/', 'http://u:secret@h:70000/p?token=t', 5],
      ),
    }),
    organization: fc.record({ id: odd }),
    labels: fc.constantFrom<unknown>({ a: 'b' }, 'x'),
    extra: odd,
  },
  { requiredKeys: [] },
);

const times = ['2021-05-05T09:27:12.529Z', '1970-01-01T00:00:00Z', '1969-12-31T23:59:59.999Z', '9999-12-31T23:59:59Z'];
const anyEvent: fc.Arbitrary<EcsEvent> = fc
  .record({
    index: fc.constantFrom('closer', '.ds-closer-2024.01.01-000001', ''),
    id: fc.constantFrom('1', 'a/b', ''),
    time: fc.constantFrom<unknown>(...times, '0000-01-01', 'x', 5, undefined),
    message: fc.oneof(
      message,
      message.map((object) => JSON.stringify(object)),
      fc.constant('plain text'),
    ),
  })
  .map(
    ({ index, id, time, message: written }) =>
      read({ _index: index, _id: id, _source: { '@timestamp': time, message: written } }, readAt).event,
  );

/** Every text, number and boolean in a value, as text. */
const leavesOf = (value: unknown): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap(leavesOf)
    : value === undefined || value === null
      ? []
      : [String(value)];

/** Of every event of this vendor; a receiver knows them from the product. */
const constant = /^(event\.(module|dataset|provider)|observer\.(vendor|product))$/;

/** The fields of the event that stand nowhere in its OCSF form. */
const lostOf = (event: EcsEvent): readonly string[] => {
  const ocsf = toOcsf(event) as {
    readonly time: number;
    readonly status: string;
    readonly api?: Readonly<Record<'request' | 'response', { readonly data?: unknown }>>;
  };
  const held = new Set(leavesOf(ocsf));
  const isHeld = (name: string, value: unknown): boolean => {
    if (constant.test(name) || leavesOf(value).every((leaf) => held.has(leaf))) return true;
    if (name === '@timestamp') return Date.parse(String(value)) === ocsf.time;
    if (name === 'event.outcome') return value === ocsf.status.toLowerCase();
    const [, side] = /^http\.(request|response)\.body\.content$/.exec(name) ?? [];
    return side !== undefined && isDeepStrictEqual(ocsf.api?.[side as 'request']?.data, JSON.parse(String(value)));
  };
  return Object.entries(toEcsFlat(event)).flatMap(([name, value]) => (isHeld(name, value) ? [] : [name]));
};

describe('any event as OCSF', () => {
  it('fits the schema of its class, and holds every value of the event somewhere', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        const ocsf: unknown = JSON.parse(JSON.stringify(toOcsf(event)));
        expect(mistakesIn(ocsf as Record<string, unknown>)).toEqual([]);
        expect(lostOf(event)).toEqual([]);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([...sampleHits(), ...edgeHits()].map((hit) => readSample(hit, readAt).event))(
    'holds every value of $event.id',
    (event) => {
      expect(lostOf(event)).toEqual([]);
    },
  );

  const eventOf = (message: unknown, time = '2021-05-05T09:27:12.529Z') =>
    read({ _index: 'closer', _id: '1', _source: { '@timestamp': time, message } }, readAt).event;

  it.each<[string, unknown, Readonly<Record<string, unknown>>]>([
    [
      'a method that OCSF does not know',
      { event: { action: 'org_config_change' }, http: { request: { method: 'PURGEX' } } },
      { 'http.request.method': 'PURGEX' },
    ],
    [
      'the target of an unknown action',
      { event: { action: 'brand_new' }, user: { id: 'U', target: { id: 'T' } } },
      { 'user.target.id': 'T' },
    ],
    [
      'the target of a login, and whom nothing names but roles',
      { event: { action: 'agent_login' }, user: { roles: ['R'], target: { id: 'T' } } },
      { 'user.target.id': 'T', 'user.roles': ['R'] },
    ],
    [
      "the target of a change of an organisation's settings",
      { event: { action: 'org_config_change' }, user: { id: 'U', target: { id: 'T' } } },
      { 'user.target.id': 'T' },
    ],
  ])('keeps under unmapped %s', (_, written, unmapped) => {
    expect(toOcsf(eventOf(written))['unmapped']).toMatchObject(unmapped);
  });

  it('has the time at which it was read when its own is before 1970, which is kept under unmapped', () => {
    const ocsf = toOcsf(eventOf({ event: { action: 'agent_login' } }, '1969-07-20T20:17:40.000Z'));
    expect(ocsf).toMatchObject({
      time: Date.parse(readAt),
      unmapped: { '@timestamp': '1969-07-20T20:17:40.000Z' },
    });
    expect(toOcsf(eventOf({}, '1970-01-01T00:00:00.000Z'))['time']).toBe(0);
  });

  it('has no port above 65535, in ECS neither; the URL says what was written', () => {
    const event = eventOf({ url: { full: 'http://[::1]:99999/x' } });
    expect(event.url).toEqual({ full: 'http://[::1]:99999/x', scheme: 'http', domain: '[::1]', path: '/x' });
    const journaled = { ...event, url: { ...event.url, port: 99_999 } };
    expect(mistakesIn(toOcsf(journaled))).toEqual([]);
    expect(toOcsf(journaled)['unmapped']).toMatchObject({ 'url.port': 99_999 });
  });
});
