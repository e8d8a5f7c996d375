import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actions } from '../../shared/core/catalogue/actions.ts';
import type { EcsEvent } from '../../shared/core/event.ts';
import { withoutPersonalData } from '../../shared/core/personal-data.ts';
import { edgeHits, readSample, sampleHits } from '../support/sample-hits.ts';

const base: EcsEvent = {
  '@timestamp': '2026-11-20T10:15:02.123Z',
  ecs: { version: '9.4.0' },
  message: 'agent_profile_change success (204)',
  event: {
    kind: 'event',
    category: ['iam'],
    type: ['user', 'change'],
    action: 'agent_profile_change',
    outcome: 'success',
    id: 'closer/1.2.3.4',
    module: 'closer',
    dataset: 'closer.security',
    provider: 'closer',
    created: '2026-11-20T10:15:30.000Z',
  },
  user: { id: '4bd9f1ff-dea6-4474-8e42-ab6174ffa818', roles: ['ADMIN'] },
  http: { request: { method: 'PUT' }, response: { status_code: 204 } },
  url: {
    full: 'https://spinner.closer.app/api/users/agents/4bd9f1ff-dea6-4474-8e42-ab6174ffa818',
    scheme: 'https',
    domain: 'spinner.closer.app',
    path: '/api/users/agents/4bd9f1ff-dea6-4474-8e42-ab6174ffa818',
  },
  observer: { vendor: 'Closer', product: 'Closer' },
};
const hide = (more: object): EcsEvent => withoutPersonalData({ ...base, ...more } as EcsEvent);
const withBody = (content: unknown): object => ({
  http: { request: { body: { content: typeof content === 'string' ? content : JSON.stringify(content), bytes: 9 } } },
});
const bodyOf = (content: unknown): string | undefined => hide(withBody(content)).http?.request?.body?.content;

describe('an event without personal data', () => {
  it('is the event itself where there is none', () => {
    expect(withoutPersonalData(base)).toEqual(base);
  });

  it('keeps who did what by id, and leaves names, addresses and e-mail out of the fields of ECS', () => {
    const shown = hide({
      user: { id: 'u1', email: 'ada@aurora.example.com', roles: ['ADMIN'], target: { id: 't1', name: 'Bob' } },
      source: { address: '203.0.113.9, 10.0.0.1', ip: '203.0.113.9' },
      related: { user: ['u1', 'ada@aurora.example.com'], ip: ['203.0.113.9'] },
    });
    expect(shown.user).toEqual({ id: 'u1', roles: ['ADMIN'], target: { id: 't1' } });
    expect(shown).not.toHaveProperty('source');
    expect(shown.related).toEqual({ user: ['u1'] });
    expect(shown.event).toEqual(base.event);
  });

  it.each([
    [
      { firstName: 'Ada', role: 'ADMIN' },
      { firstName: 'HIDDEN', role: 'ADMIN' },
    ],
    [{ profile: [{ 'Last-Name': 'Nowak' }] }, { profile: [{ 'Last-Name': 'HIDDEN' }] }],
    [
      { backOfficeData: { any: ['thing'] }, orgId: 'o1' },
      { backOfficeData: 'HIDDEN', orgId: 'o1' },
    ],
    [
      { phone: 48601234567, emailVerified: true, avatarUrl: null },
      { phone: 'HIDDEN', emailVerified: true, avatarUrl: null },
    ],
    [{ payload: '{"email":"ada@aurora.example.com","n":1}' }, { payload: '{"email":"HIDDEN","n":1}' }],
    [{ 'ada@aurora.example.com': 'ADMIN' }, { HIDDEN: 'ADMIN' }],
    [{ note: 'call +48 601 234 567 or (555) 010-9999' }, { note: 'call HIDDEN or HIDDEN' }],
    [
      { hostname: 'web', limit: 5, at: '2026-11-20T10:15:02Z' },
      { hostname: 'web', limit: 5, at: '2026-11-20T10:15:02Z' },
    ],
    [
      { list: ['203.0.113.9', '2001:db8::1', '10:15:30', '1.2.3'] },
      { list: ['HIDDEN', 'HIDDEN', '10:15:30', '1.2.3'] },
    ],
  ])('hides what stands in a JSON body under a personal name or looks personal: %j', (body, expected) => {
    expect(JSON.parse(bodyOf(body) ?? '')).toEqual(expected);
  });

  it('hides it in forms, and removes a body that is neither: nothing tells a name in it', () => {
    expect(bodyOf('email=ada%40aurora.example.com&role=ADMIN&note=ask+bob%40x.example')).toBe(
      'email=HIDDEN&role=ADMIN&note=ask%20HIDDEN',
    );
    for (const opaque of ['Dear Ada Nowak', '{"firstName":"Ada","cut', '"Ada"', '<name>Ada</name>']) {
      const shown = hide(withBody(opaque));
      expect(shown.http?.request?.body).toEqual({ bytes: 9 });
      expect(shown.labels).toEqual({ request_body: 'removed: may hold personal data' });
    }
  });

  it('hides a value that stood under a personal name wherever else it stands, as a whole word in any case', () => {
    const shown = hide({
      ...withBody({ firstName: 'Ada', lastName: 'Łęcka-Nowak' }),
      message: 'ADA łęcka-nowak has changed adamant rules; Ada, you know',
      closer: { note: 'by Ada', nested: { list: ['Łęcka-Nowak!'] } },
      labels: { hint: 'ask Ada' },
      url: { full: 'https://x.example/people/Ada?who=%C5%81%C4%99cka-Nowak', path: '/people/Ada' },
    });
    expect(shown.message).toBe('HIDDEN HIDDEN has changed adamant rules; HIDDEN, you know');
    expect(shown.closer).toEqual({ note: 'by HIDDEN', nested: { list: ['HIDDEN!'] } });
    expect(shown.labels).toEqual({ hint: 'ask HIDDEN' });
    expect(shown.url).toEqual({ full: 'https://x.example/people/HIDDEN?who=HIDDEN', path: '/people/HIDDEN' });
  });

  it('hides the user of a URL, e-mail addresses and IP addresses in it, encoded or not, and personal parameters', () => {
    const shown = hide({
      url: {
        full: 'https://ada:pw@203.0.113.9/reset/ada%40aurora.example.com?phone=601&next=%2Fa%3Femail%3Dada%40x.example',
        domain: '203.0.113.9',
        query: 'Email=ada&id=7',
      },
    });
    expect(JSON.stringify(shown.url)).not.toMatch(/ada|203\.0|601/);
    expect(shown.url?.query).toBe('Email=HIDDEN&id=7');
  });

  it('does not touch our own words, even where a person is called like one', () => {
    const shown = hide(withBody({ firstName: 'Success', lastName: 'closer', name: 'iam' }));
    expect(shown.event).toEqual(base.event);
    expect(shown.observer).toEqual(base.observer);
  });

  it('hides an address in an action that nobody knows', () => {
    expect(hide({ event: { ...base.event, action: 'login of ada@x.example' } }).event.action).toBe('login of HIDDEN');
  });

  it('loses its free texts rather than a name when there are more names than can be searched for', () => {
    const names = Array.from({ length: 200 }, (_, n) => ({ firstName: `Name${n}` }));
    const shown = hide({ ...withBody(names), message: 'Name199 was here', closer: { by: 'Name199' } });
    expect(JSON.stringify(shown)).not.toContain('Name');
    expect(shown.event).toEqual(base.event);
  });

  it('comes of whatever is nested, however deep, and never changes the event given', () => {
    let deep: unknown = { email: 'ada@aurora.example.com' };
    for (let level = 0; level < 500; level += 1)
      deep = level % 2 === 0 ? { deep } : JSON.stringify({ deep: level < 9 ? deep : 1 });
    const event = { ...base, closer: { deep } } as EcsEvent;
    const before = JSON.stringify(event);
    expect(JSON.stringify(withoutPersonalData(event))).not.toContain('ada@');
    expect(JSON.stringify(event)).toBe(before);
  });
});

describe('whatever the catalogue calls personal', () => {
  const names = [...new Set(actions.flatMap(({ pii }) => pii))];
  const spelled = fc.constantFrom(
    (name: string) => name,
    (name: string) => name.toUpperCase(),
    (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    (name: string) => `customer.${name}`,
  );
  const canary = fc.stringMatching(/^Qx[a-ząęł]{6,12}$/);
  const place = fc.constantFrom('request', 'response', 'closer', 'labels', 'query');

  it('is gone with its value, at any depth and in any spelling, in the rest of the event too', () => {
    expect(names).toEqual(expect.arrayContaining(['email', 'firstName', 'lastName', 'phone', 'pendingEmail']));
    fc.assert(
      fc.property(fc.constantFrom(...names), spelled, canary, place, fc.nat(3), (name, spell, value, where, depth) => {
        let tree: unknown = { [spell(name)]: value, other: 1 };
        for (let level = 0; level < depth; level += 1)
          tree = level % 2 === 0 ? { level: [tree] } : { json: JSON.stringify(tree) };
        const body = { body: { content: JSON.stringify(tree) } };
        const shown = hide({
          message: `it was ${value}.`,
          related: { user: [value] },
          ...(where === 'request' && { http: { request: body } }),
          ...(where === 'response' && { http: { response: body } }),
          ...(where === 'closer' && { closer: { tree } }),
          ...(where === 'labels' && { labels: { [spell(name)]: value } }),
          ...(where === 'query' && { url: { full: `https://x.example/?${spell(name)}=${encodeURIComponent(value)}` } }),
        });
        const text = JSON.stringify(shown);
        expect(text).not.toContain(value);
        expect(text).not.toContain(encodeURIComponent(value));
      }),
    );
  });
});

describe('the samples', () => {
  const texts = [...sampleHits(), ...edgeHits()].map((hit) => {
    const { event } = readSample(hit, '2026-11-20T10:15:30.000Z');
    const { event: _, '@timestamp': __, ...shown } = withoutPersonalData(event);
    return JSON.stringify(shown);
  });

  it('hold no e-mail address and no IP address any more', () => {
    for (const text of texts) {
      expect(text).not.toMatch(/[\w.]+@[\w.]+\.\w/);
      expect(text).not.toMatch(/(?<![\d.])(?:\d{1,3}\.){3}\d{1,3}(?![\d.])/);
    }
  });

  it('hold none of their people by name or phone number', () => {
    const people = [...sampleHits(), ...edgeHits()].flatMap((hit) =>
      [...JSON.stringify(hit).matchAll(/(?:firstName|lastName|phone)\W{3,9}"([^"\\]{3,})\\/g)].map(
        ([, value = '']) => value,
      ),
    );
    expect(new Set(people).size).toBeGreaterThan(5);
    for (const text of texts) for (const person of people) expect(text).not.toMatch(new RegExp(`\\b${person}\\b`, 'i'));
  });
});
