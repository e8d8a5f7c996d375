import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromEcsFlat, toEcsFlat } from '../../shared/core/ecs-flat.ts';
import type { EcsEvent } from '../../shared/core/event.ts';

const anEvent = (closer: Readonly<Record<string, unknown>>): EcsEvent => ({
  '@timestamp': '2021-05-05T09:27:12.529Z',
  ecs: { version: '9.4.0' },
  event: {
    kind: 'event',
    category: ['iam'],
    type: ['user', 'change'],
    id: 'closer/1',
    module: 'closer',
    dataset: 'closer.security',
    provider: 'closer',
    created: '2021-05-05T09:30:00.000Z',
  },
  observer: { vendor: 'Closer', product: 'Closer' },
  user: { id: 'u', target: { id: 't' } },
  closer,
});

const flatten = (closer: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(toEcsFlat(anEvent(closer))).filter(([key]) => key.startsWith('closer')));

describe('ECS flat', () => {
  it('has one level, keys joined with dots, and keeps arrays', () => {
    const flat = toEcsFlat(anEvent({}));
    expect(flat['event.category']).toEqual(['iam']);
    expect(flat['user.target.id']).toBe('t');
    expect(flat['@timestamp']).toBe('2021-05-05T09:27:12.529Z');
    expect(Object.keys(flat)).not.toContain('event');
  });

  it('escapes a dot that belongs to a key', () => {
    expect(flatten({ 'a.b': 1, a: { b: 2 }, 'c\\d': 3 })).toEqual({
      'closer.a\\.b': 1,
      'closer.a.b': 2,
      'closer.c\\\\d': 3,
    });
  });

  it('keeps empty objects and empty arrays', () => {
    expect(flatten({ a: {}, b: [], c: { d: {} } })).toEqual({ 'closer.a': {}, 'closer.b': [], 'closer.c.d': {} });
  });

  it('becomes the same event again, whatever stands under closer', () => {
    const key = fc.oneof(
      fc.string(),
      fc.constantFrom('a.b', '.', '', '\\', '\\.', '..', '__proto__', 'constructor', '0'),
    );
    const tree = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        tie('record'),
        fc.array(tie('value'), { maxLength: 3 }),
      ),
      record: fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    }));
    fc.assert(
      fc.property(tree.record, (closer) => {
        const event = anEvent(closer as Readonly<Record<string, unknown>>);
        const back = fromEcsFlat(toEcsFlat(event));
        expect(JSON.stringify(back)).toBe(JSON.stringify(event));
        expect(toEcsFlat(back)).toEqual(toEcsFlat(event));
      }),
      { numRuns: 500 },
    );
  });

  it('survives being written as JSON in between', () => {
    const event = anEvent({ ['__proto__']: { polluted: true }, 'x.y': { z: [{ 'p.q': {} }] } });
    const back = fromEcsFlat(JSON.parse(JSON.stringify(toEcsFlat(event))) as Readonly<Record<string, unknown>>);
    expect(JSON.stringify(back)).toBe(JSON.stringify(event));
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
