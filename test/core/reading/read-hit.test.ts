import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../../shared/core/catalogue/actions.ts';
import type { Hit } from '../../../shared/core/event.ts';
import { hitReader } from '../../../shared/core/reading/read-hit.ts';
import { attributeNone, type Evidence } from '../../../shared/core/tenants.ts';

const readHit = hitReader({ timeField: '@timestamp', attribute: attributeNone });
const readAt = '2021-05-05T09:30:00.000Z';
const read = (source: unknown, more: Partial<Hit> = {}) =>
  readHit({ _index: 'closer', _id: '1', _source: source, ...more }, readAt);
const message = (fields: Readonly<Record<string, unknown>>) =>
  read({ '@timestamp': '2021-05-05T09:27:12.529Z', message: fields });

describe('an action', () => {
  it('is known when the vendor documents it: all 58', () => {
    expect(actions).toHaveLength(58);
    for (const { action, ecs } of actions) {
      const { event } = message({ 'event.action': action });
      expect(event.event).toMatchObject({ action, category: ecs.category, type: ecs.type });
      expect(event.labels?.['known_action']).toBeUndefined();
    }
  });

  it('that is not known is delivered all the same, and flagged', () => {
    const { event } = message({ 'event.action': ' Agent_Two_Factor_Change', 'http.request.method': 'delete' });
    expect(event.event).toMatchObject({
      action: 'agent_two_factor_change',
      category: ['configuration'],
      type: ['deletion'],
    });
    expect(event.labels?.['known_action']).toBe('false');
  });
});

describe('the time', () => {
  const timeOf = (value: unknown, sort?: readonly unknown[]) =>
    read({ '@timestamp': value, message: {} }, sort ? { sort } : {});

  it.each([
    ['2021-05-05T09:27:12.529+0000', '2021-05-05T09:27:12.529000000Z'],
    ['2021-05-05T09:27:12.123456789Z', '2021-05-05T09:27:12.123456789Z'],
    ['2021-05-05 09:27:12,5', '2021-05-05T09:27:12.500000000Z'],
    ['2021-05-05T11:27:12.529+02', '2021-05-05T09:27:12.529000000Z'],
    ['2021-05-05T00:27:12.1234567-09:30', '2021-05-05T09:57:12.123456700Z'],
    ['2021-05-05T09:27Z', '2021-05-05T09:27:00.000000000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000000000Z'],
    ['1620206832529', '2021-05-05T09:27:12.529000000Z'],
    [1620206832529, '2021-05-05T09:27:12.529000000Z'],
    [['2021-05-05T09:27:12.529Z'], '2021-05-05T09:27:12.529000000Z'],
  ])('%j is %s', (value, instant) => {
    const { time, event } = timeOf(value);
    expect(time).toBe(instant);
    expect(event['@timestamp']).toBe(`${instant.slice(0, 23)}Z`);
  });

  it.each([
    '2021-02-30T10:00:00Z',
    '2023-02-29T00:00:00Z',
    '2021-13-01T00:00:00Z',
    '2021-05-05T24:00:00Z',
    '2021-05-05T10:00:00+19:00',
    'yesterday',
    '',
    {},
    true,
    1e300,
  ])('%j is none: the event has its pull time only, and is flagged', (value) => {
    const { time, event } = timeOf(value);
    expect(time).toBeUndefined();
    expect(event['@timestamp']).toBeUndefined();
    expect(event.event.created).toBe(readAt);
    expect(event.labels?.['time']).toMatch(/missing|unreadable/);
  });

  it('is the one that the server sorted by, to the nanosecond', () => {
    expect(timeOf('2021-05-05T09:27:12.529Z', ['2021-05-05T09:27:12.529000001Z']).time).toBe(
      '2021-05-05T09:27:12.529000001Z',
    );
  });

  it('comes from the sort value when the field is absent, and not from the year 292278994 of a missing one', () => {
    expect(timeOf(undefined, [1620206832529]).time).toBe('2021-05-05T09:27:12.529000000Z');
    expect(timeOf(undefined, ['+292278994-08-17T07:12:55.807Z']).time).toBeUndefined();
    expect(timeOf('yesterday', [1620206832529]).time).toBeUndefined();
  });

  it('keeps the original text only when it says more', () => {
    expect(timeOf('2021-05-05T09:27:12.529+0000').event.closer).toBeUndefined();
    const finer = '2021-05-05T09:27:12.529000001Z';
    expect(timeOf(finer).event.closer).toEqual({ raw: { '@timestamp': finer } });
    expect(timeOf('2021-05-05T11:27:12.529+0200').event.closer).toEqual({
      raw: { '@timestamp': '2021-05-05T11:27:12.529+0200' },
    });
  });

  it('that is one of several is kept with the others, whatever the server sorted by', () => {
    const times = ['2026-03-01T11:59:00.000Z', '2020-01-01T00:00:00.000Z'];
    const sort = ['2020-01-01T00:00:00.000Z'];
    for (const source of [{ '@timestamp': times }, { message: { '@timestamp': times } }]) {
      const { event, time } = readHit({ _index: 'closer', _id: '1', _source: source, sort }, readAt);
      expect(event['@timestamp']).toBe(times[0]);
      expect(time).toBe('2020-01-01T00:00:00.000000000Z');
      expect(event.closer?.['raw']).toEqual({ '@timestamp': times });
    }
  });

  it('may be another field, also below message', () => {
    const byOther = hitReader({ timeField: 'message.event.start', attribute: attributeNone });
    const hit = { _index: 'closer', _id: '1', _source: { message: { event: { start: '2021-05-05T09:27:12Z' } } } };
    expect(byOther(hit, readAt).time).toBe('2021-05-05T09:27:12.000000000Z');
  });
});

describe('people and organisations', () => {
  const orgA = 'dc96c64e-572e-4c1a-a345-d1b13076b0eb';
  const orgB = '04bed298-ad96-4cb7-8638-923893548510';
  const agent = '4bd9f1ff-dea6-4474-8e42-ab6174ffa818';

  const evidenceOf = (fields: Readonly<Record<string, unknown>>): Evidence => {
    const seen: Evidence[] = [];
    const attribute = (evidence: Evidence): string => {
      seen.push(evidence);
      return 'acme';
    };
    const reader = hitReader({ timeField: '@timestamp', attribute });
    reader({ _index: 'closer-1', _id: '1', _source: { message: fields } }, readAt);
    const [evidence] = seen;
    if (!evidence) throw new Error('nobody was asked whose event it is');
    return evidence;
  };

  it('are all evidence for the tenant', () => {
    expect(
      evidenceOf({
        'user.id': 'actor',
        'user.email': 'actor@example.com',
        'url.full': `http://closer.app/api/users/agents/${agent}/skills`,
        'http.request.body.content': { orgId: orgA },
        'http.response.body.content': JSON.stringify({ orgId: orgB }),
      }),
    ).toEqual({
      index: 'closer-1',
      organizations: [orgA, orgB],
      users: ['actor', agent],
      emails: ['actor@example.com'],
    });
  });

  it.each([
    ['document', { 'organization.id': 'own', 'url.full': `http://closer.app/api/orgs/${orgA}/config` }, 'own'],
    ['url', { 'url.full': `http://closer.app/api/orgs/${orgA}/config`, 'http.request.body': { orgId: orgB } }, orgA],
    ['request body', { 'http.request.body': { orgId: orgA }, 'http.response.body': { orgId: orgB } }, orgA],
    ['response body', { 'http.response.body': { orgId: orgB } }, orgB],
  ])('the organisation is taken from the %s, and it says so', (from, fields, id) => {
    const { event } = message(fields);
    expect(event.organization?.id).toBe(id);
    expect(event.labels?.['organization_from']).toBe(from);
  });

  it('the subject of a failed login is the e-mail it was tried with, flagged as derived', () => {
    const { event } = message({
      'event.action': 'agent_login',
      'http.response.status_code': 401,
      'http.request.body.content': '{"email":"ghost@example.com","password":"x"}',
      'http.response.body.content': '{"id":"not-a-user"}',
    });
    expect(event.user).toEqual({ email: 'ghost@example.com' });
    expect(event.related?.user).toEqual(['ghost@example.com']);
    expect(event.labels?.['user_derived_from']).toBe('request body');
  });

  it('the id that creating an organisation answers is no user', () => {
    const body = {
      'http.request.body.content': '{"email":"a@example.com"}',
      'http.response.body.content': `{"id":"${orgA}"}`,
    };
    const { event } = message({ 'event.action': 'free_org_creation', 'http.response.status_code': 201, ...body });
    expect(event.user).toEqual({ email: 'a@example.com' });
  });
});

describe('any mix of dots and nesting', () => {
  const segment = fc.constantFrom('a', 'b', 'c', 'user', 'id', 'http', 'token', 'event', 'outcome', 'x1');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 });
  const leaf = fc.oneof(
    fc.string({ minLength: 1 }),
    fc.integer(),
    fc.boolean(),
    fc.array(fc.integer(), { minLength: 1 }),
  );

  it('is the same event', () => {
    const document = fc.dictionary(
      path.map((parts) => parts.join('.')),
      leaf,
      { maxKeys: 8, noNullPrototype: true },
    );
    fc.assert(
      fc.property(document, fc.boolean(), (fields, asText) => {
        const paths = Object.keys(fields);
        fc.pre(paths.every((one) => !paths.some((other) => other.startsWith(`${one}.`))));
        const nested: Record<string, unknown> = {};
        for (const [key, value] of Object.entries(fields)) {
          const parts = key.split('.');
          const last = parts.pop() ?? '';
          let at = nested;
          for (const part of parts) {
            at[part] ??= {};
            at = at[part] as Record<string, unknown>;
          }
          at[last] = value;
        }
        const prefixed = Object.fromEntries(Object.entries(fields).map(([key, value]) => [`message.${key}`, value]));
        const dotted = read({ message: asText ? JSON.stringify(fields) : fields }).event;
        expect(read({ message: nested }).event).toEqual(dotted);
        expect(read(prefixed).event).toEqual(dotted);
      }),
      { numRuns: 300 },
    );
  });

  it('keeps the spelling that lost among the fields under closer', () => {
    const { event } = message({ event: { action: 'agent_login' }, 'event.action': 'agent_skills_change' });
    expect(event.event.action).toBe('agent_skills_change');
    expect(event.closer).toEqual({ event: { action: 'agent_login' } });
  });

  it('keeps both of two fields of which one stands in the way of the other', () => {
    expect(message({ a: 1, 'a.b': 2 }).event.closer).toEqual({ a: 1, 'a.b': 2 });
    expect(message({ 'a.b': 2, a: 1 }).event.closer).toEqual({ a: { b: 2 }, 'a.': 1 });
  });

  it('reads a document without the wrapper, and one whose body is parsed', () => {
    const bare = {
      _index: 'closer',
      _id: '1',
      '@timestamp': '2021-05-05T09:27:12Z',
      message: { 'event.action': 'agent_logout' },
    };
    expect(readHit(bare, readAt).event.event.action).toBe('agent_logout');
    const { event } = message({
      http: { request: { body: { skills: ['a'] } }, response: { body: { content: { b: 1 }, bytes: 7 } } },
    });
    expect(event.http?.request?.body).toEqual({ content: '{"skills":["a"]}' });
    expect(event.http?.response?.body).toEqual({ content: '{"b":1}', bytes: 7 });
  });

  it('never reaches a prototype', () => {
    const { event } = read(
      JSON.parse('{"message":{"__proto__":{"polluted":1},"a.constructor.prototype.x":1,"l":[{"__proto__":{"x":1}}]}}'),
    );
    expect(JSON.stringify(event)).not.toMatch(/__proto__|constructor|polluted/);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
