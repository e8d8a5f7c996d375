import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAsWritten } from '../../../shared/core/reading/written-length.ts';

const judge = (text: string): boolean => isAsWritten(text, JSON.parse(text));

describe('a JSON text', () => {
  it.each([
    '{"locale":"pl","words":["a","żółw"],"limit":5,"on":true,"off":false,"none":null}',
    '[[],{},"",0,-7,1620206832529]',
    '"text"',
  ])('that is what its tree is written as is known for it: %s', (text) => {
    expect(judge(text)).toBe(true);
  });

  it.each([
    ['a doubled key', '{"a":"x","a":"x"}'],
    ['a doubled key whose price a shorter spelling of numbers pays', '{"a":"x","a":1e11}'],
    ['a doubled key far below', '[[{"b":{"a":1,"a":2}}]]'],
    ['escapes', '{"a":"\\u0041"}'],
    ['space', '{"a": 1}'],
    ['a number that a double cannot hold', '[12345678901234567890]'],
    ['a number in another spelling', '[1e3,1.0]'],
    ['a negative zero', '[-0]'],
  ])('with %s is not', (_, text) => {
    expect(judge(text)).toBe(false);
  });

  it('that passes says nothing but what parsing it gives', () => {
    const scalar = fc.oneof(
      fc.constantFrom(
        '1',
        '-0',
        '0',
        '1e9',
        '1E21',
        '1.5',
        '1000',
        '12345678901234567890',
        'true',
        'null',
        '""',
        '"x"',
      ),
      fc.string().map((text) => JSON.stringify(text)),
    );
    const { text } = fc.letrec<{ text: string }>((tie) => ({
      text: fc.oneof(
        { maxDepth: 3 },
        scalar,
        fc.array(tie('text'), { maxLength: 3 }).map((values) => `[${values.join(',')}]`),
        fc
          .array(fc.tuple(fc.constantFrom('a', 'b', 'key'), tie('text')), { maxLength: 4 })
          .map((entries) => `{${entries.map(([key, value]) => `"${key}":${value}`).join(',')}}`),
      ),
    }));
    fc.assert(
      fc.property(text, (json) => {
        const tree: unknown = JSON.parse(json);
        if (isAsWritten(json, tree)) expect(JSON.stringify(tree)).toBe(json);
      }),
      { numRuns: 3000 },
    );
  });
});
