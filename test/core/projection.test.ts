import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toEcsFlat } from '../../shared/core/ecs-flat.ts';
import type { EcsEvent } from '../../shared/core/event.ts';
import { alwaysTravels, projection } from '../../shared/core/projection.ts';

const event = {
  '@timestamp': '2026-11-20T10:15:02.123Z',
  ecs: { version: '9.4.0' },
  message: 'm',
  event: { kind: 'event', category: ['iam'], action: 'agent_login', id: 'closer/1', dataset: 'closer.security' },
  user: { id: 'u', roles: ['ADMIN'], target: { id: 't' } },
  source: { address: '/', ip: '203.0.113.9' },
  closer: { 'a.b': 1, a: { c: 2 }, list: [{ x: 1, y: 2 }, { y: 3 }, 4] },
};
const identity = {
  '@timestamp': '2026-11-20T10:15:02.123Z',
  ecs: { version: '9.4.0' },
  event: { kind: 'event', id: 'closer/1', dataset: 'closer.security' },
};

describe('a projection', () => {
  it.each([
    ['nothing', [], identity],
    ['a level, with everything below it', ['user'], { ...identity, user: event.user }],
    ['one field', ['source.ip'], { ...identity, source: { ip: '203.0.113.9' } }],
    ['a level and one of its own fields', ['user', 'user.id'], { ...identity, user: event.user }],
    ['a field and the level above it', ['user.id', 'user'], { ...identity, user: event.user }],
    ['a field below a field that always travels', ['event.id.x'], identity],
    ['a key with a dot', ['closer.a.b'], { ...identity, closer: { 'a.b': 1 } }],
    ['keys with dots and levels alike', ['closer.a'], { ...identity, closer: { 'a.b': 1, a: { c: 2 } } }],
    ['fields of the objects of a list', ['closer.list.x'], { ...identity, closer: { list: [{ x: 1 }] } }],
    ['what is not there', ['nope', 'user.id.deeper', '', '.', 'user..id'], identity],
    ['names of the language', ['__proto__', 'constructor.name', 'toString'], identity],
  ])('to %s keeps that, and what tells events apart', (_what, fields, expected) => {
    expect(projection(fields)(event)).toEqual(expected);
  });

  it('keeps the order of the event, whatever that of the list', () => {
    const one = JSON.stringify(projection(['user', 'message'])(event));
    expect(JSON.stringify(projection(['message', 'user'])(event))).toBe(one);
    expect(Object.keys(JSON.parse(one))).toEqual(['@timestamp', 'ecs', 'message', 'event', 'user']);
  });

  it('does not change the event, and takes a key named __proto__ for a key', () => {
    const odd = JSON.parse('{"closer":{"__proto__":{"polluted":true},"b":1}}') as Record<string, unknown>;
    const before = JSON.stringify(odd);
    expect(JSON.stringify(projection(['closer.__proto__'])(odd))).toBe('{"closer":{"__proto__":{"polluted":true}}}');
    expect(JSON.stringify(odd)).toBe(before);
    expect({}).not.toHaveProperty('polluted');
  });

  it('lets nothing outside of the list through, and everything in it', () => {
    const key = fc.constantFrom('event', 'id', 'user', 'source', 'ip', 'a', 'b', 'a.b');
    const path = fc.array(fc.constantFrom('event', 'id', 'user', 'source', 'ip', 'a', 'b'), {
      minLength: 1,
      maxLength: 3,
    });
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.dictionary(key, fc.oneof({ depthSize: 'small' }, fc.integer(), tie('tree')), { maxKeys: 4 }),
    }));
    const leaves = (value: object): readonly string[] =>
      Object.keys(toEcsFlat(value as EcsEvent)).map((each) => each.replaceAll('\\', ''));
    fc.assert(
      fc.property(tree, fc.array(path, { maxLength: 4 }), (value, paths) => {
        const fields = paths.map((each) => each.join('.'));
        const isWanted = (leaf: string): boolean =>
          [...alwaysTravels, ...fields].some((field) => leaf === field || leaf.startsWith(`${field}.`));
        const wanted = leaves(value as object).filter(isWanted);
        expect(leaves(projection(fields)(value as Record<string, unknown>)).toSorted()).toEqual(wanted.toSorted());
      }),
    );
  });
});
