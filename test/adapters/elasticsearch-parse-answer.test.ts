import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAnswer } from '../../shared/adapters/elasticsearch/parse-answer.ts';

const answerOf = (hits: readonly unknown[]): string =>
  JSON.stringify({
    took: 1,
    pit_id: 'x',
    timed_out: false,
    _shards: { total: 1, successful: 1 },
    hits: { max_score: null, hits },
  });

const sameAsWhole = (text: string): void => {
  expect(parseAnswer(Buffer.from(text))).toEqual(JSON.parse(text));
};

const hit = (source: unknown) => ({
  _index: 'closer',
  _id: 'a',
  _source: source,
  sort: ['2026-01-01T00:00:00.000Z', 1],
});

describe('an answer read hit by hit', () => {
  it.each([
    ['many hits', [hit({ a: 1 }), hit({ b: 'Zażółć' }), hit(null)]],
    ['one hit', [hit({ a: ']' })]],
    ['no hit', []],
    [
      'a document that holds objects like hits',
      [hit({ list: [1, { _index: 'x' }, { _index: 'y', hits: [{ _index: 'z' }] }] }), hit({})],
    ],
    [
      'a text that looks like the border',
      [hit({ text: ',{"_index":"', other: '"hits":[{"_index":"' }), hit({ end: ']}}' })],
    ],
  ])('is the same as the whole: %s', (_, hits) => {
    sameAsWhole(answerOf(hits));
  });

  it('is the same as the whole when something with brackets follows the hits', () => {
    const text = answerOf([hit({ a: 1 }), hit({ b: 2 })]).slice(0, -1);
    sameAsWhole(`${text},"aggregations":{"top":{"hits":{"hits":[{"_index":"q"}]}}}}`);
    sameAsWhole(`{"aggregations":{"top":{"hits":{"hits":[{"_index":"q"},{"_index":"r"}]}}},${text.slice(1)}}`);
  });

  it('is the same as the whole for any documents', () => {
    const tricky = fc.constantFrom(',{"_index":"', '"hits":[{"_index":"', ']}}', '\\', '"', 'ś', '\u2028');
    const value = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 4 },
        fc.string(),
        tricky,
        fc.integer(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(fc.constantFrom('_index', 'hits', 'a', 'b'), tie('tree'), { maxKeys: 3 }),
      ),
    })).tree;
    fc.assert(
      fc.property(fc.array(value, { maxLength: 6 }), (sources) => sameAsWhole(answerOf(sources.map(hit)))),
      { numRuns: 500 },
    );
  });

  it.each([
    '',
    '{',
    answerOf([hit({})]).slice(0, -1),
    answerOf([hit({}), hit({})]).replace(',{"_index"', ',,{"_index"'),
  ])('is refused when it is no JSON: %s', (text) => {
    expect(() => parseAnswer(Buffer.from(text))).toThrow(SyntaxError);
  });
});
