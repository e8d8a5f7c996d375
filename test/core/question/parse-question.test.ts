import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadRequest } from '../../../shared/core/errors.ts';
import { parseQuestion, questionLimits } from '../../../shared/core/question/parse-question.ts';

const nowMs = Date.parse('2026-05-05T12:00:00Z');
const parse = (text: string) => parseQuestion(text, { nowMs });
const text = (field: string, ...parts: [string, ...string[]]) => ({ kind: 'text', field, parts });
const mistakeIn = (written: string): string => {
  try {
    parse(written);
  } catch (error) {
    if (error instanceof BadRequest) return error.message;
    throw error;
  }
  return 'none';
};

describe('the language of questions', () => {
  it.each<[string, object]>([
    ['event.action: agent_login', text('event.action', 'agent_login')],
    ['  event.action:agent_login\n', text('event.action', 'agent_login')],
    ['event.action: "Agent_Login"', text('event.action', 'agent_login')],
    ['url.full: "*oauth*"', text('url.full', '', 'oauth', '')],
    ['url.full: *oauth***x', text('url.full', '', 'oauth', 'x')],
    [String.raw`url.full: a\*b`, text('url.full', 'a*b')],
    [String.raw`url.full: "say \"a\" \\ \*"`, text('url.full', 'say "a" \\ *')],
    [String.raw`user.name: \and`, text('user.name', 'and')],
    ['user.name: "or"', text('user.name', 'or')],
    ['user.id: ""', text('user.id', '')],
    ['user.id: *', { kind: 'exists', field: 'user.id' }],
    ['labels.sluice_time: *', { kind: 'exists', field: 'labels.sluice_time' }],
    ['source.ip: 10.1.2.3/8', { kind: 'address', field: 'source.ip', block: '10.0.0.0/8' }],
    ['source.ip: 2001:db8::/32', { kind: 'address', field: 'source.ip', block: '2001:db8::/32' }],
    ['http.response.status_code: 404', { kind: 'number', field: 'http.response.status_code', from: 404, to: 404 }],
    ['http.response.status_code >= 400', { kind: 'number', field: 'http.response.status_code', from: 400 }],
    ['http.response.status_code<400', { kind: 'number', field: 'http.response.status_code', to: 400, open: 'to' }],
    ['@timestamp >= now-7d', { kind: 'time', field: '@timestamp', from: '2026-04-28T12:00:00.000000000Z' }],
    [
      '@timestamp: 2026-05-05',
      {
        kind: 'time',
        field: '@timestamp',
        from: '2026-05-05T00:00:00.000000000Z',
        to: '2026-05-05T23:59:59.999999999Z',
      },
    ],
    [
      '@timestamp > 2026-05-05T10:00Z',
      { kind: 'time', field: '@timestamp', from: '2026-05-05T10:00:59.999999999Z', open: 'from' },
    ],
  ])('%s', (written, question) => {
    expect(parse(written)).toEqual(question);
  });

  it('binds not closer than and, and and closer than or, in any case', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((value) => text('user.id', value));
    expect(parse('user.id: a OR NOT user.id: b And user.id: c')).toEqual({
      kind: 'or',
      of: [a, { kind: 'and', of: [{ kind: 'not', of: b }, c] }],
    });
    expect(parse('(user.id: a or user.id: b) and user.id: c')).toEqual({
      kind: 'and',
      of: [{ kind: 'or', of: [a, b] }, c],
    });
  });

  it('takes several values of one field in parentheses', () => {
    const [a, b, c] = ['alice', 'bob', 'eve'].map((value) => text('user.name', value));
    expect(parse('user.name: (alice or bob)')).toEqual({ kind: 'or', of: [a, b] });
    expect(parse('user.name: ((alice or bob) and not eve)')).toEqual({
      kind: 'and',
      of: [
        { kind: 'or', of: [a, b] },
        { kind: 'not', of: c },
      ],
    });
  });

  it.each<[string, string]>([
    ['', 'Column 1: expected a field, not or "("; found the end.'],
    ['event.action', 'Column 13: expected ":" or a comparison behind event.action; found the end.'],
    ['event.action:', 'Column 14: expected a value for event.action; found the end.'],
    ['event.action: and', 'Column 15: expected a value for event.action; found "and".'],
    [
      'user.id: a user.id: b',
      'Column 12: expected and, or or the end; put quotes around a value that holds blanks; found "user.id".',
    ],
    ['user.id: "a', 'Column 10: this quote is never closed.'],
    ['user.id: a\\', 'Column 11: a backslash ends the question.'],
    ['(user.id: a', 'Column 12: expected ")" for the "(" of column 1, and or or; found the end.'],
    ['user.id: (a or b', 'Column 17: expected ")" for the "(" of column 10'],
    ['user.id: a)', 'Column 11: expected and, or or the end'],
    ['action: a', 'Column 1: there is no field "action". Did you mean event.action?'],
    ['event.acton: a', 'Did you mean event.action?'],
    ['EVENT.ACTION: a', 'Did you mean event.action?'],
    ['zzzzzzzz: a', 'Column 1: there is no field "zzzzzzzz". Write field: value'],
    ['__proto__: a', 'there is no field'],
    ['source.ip: 10.0.0.300', 'Column 12: source.ip holds addresses; got "10.0.0.300".'],
    ['source.ip: 10.*', 'source.ip holds addresses'],
    ['source.ip >= 10.0.0.1', 'source.ip holds addresses'],
    ['http.response.status_code >= many', 'Column 30: http.response.status_code holds numbers; got "many".'],
    ['http.response.status_code: 4*', 'holds numbers'],
    ['event.action >= a', 'Column 17: event.action holds texts, which >= does not compare.'],
    ['@timestamp >= yesterday', 'Column 15: @timestamp holds times; got "yesterday".'],
    ['@timestamp: 2026-02-30', 'holds times'],
    [`user.id: ${'*a'.repeat(11)}`, '11 stars in one value'],
    [`${'('.repeat(33)}user.id: a${')'.repeat(33)}`, 'Column 33: deeper than 32 levels.'],
    [`${'not '.repeat(33)}user.id: a`, 'deeper than 32 levels'],
    [Array.from({ length: 101 }, () => 'user.id:a').join(' or '), 'more than 100 values'],
    [`user.id: ${'a'.repeat(2_000)}`, 'has 2009 characters; at most 2000'],
  ])('%j is answered with its column and what was expected', (written, sentence) => {
    expect(mistakeIn(written)).toContain(sentence);
  });

  it('refuses now where a question is asked for ever', () => {
    expect(() => parseQuestion('@timestamp >= now-7d')).toThrow('needs fixed times');
  });

  it('never does anything but answer or name a column, whatever is written', () => {
    const pieces = fc.constantFrom(
      'user.id',
      ':',
      '>=',
      '(',
      ')',
      '"',
      '\\',
      '*',
      ' ',
      'and',
      'or',
      'not',
      'a',
      '10.0.0.0/8',
      '@timestamp',
      'now-1d',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
          fc.string(),
        ),
        (written) => {
          expect(mistakeIn(written)).toMatch(/^none$|^Column \d+: |^has \d+ characters/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it('takes the most that is allowed', () => {
    const { clauses, depth } = questionLimits;
    expect(mistakeIn(Array.from({ length: clauses }, () => 'user.id:a').join(' or '))).toBe('none');
    expect(mistakeIn(`${'('.repeat(depth)}user.id: a${')'.repeat(depth)}`)).toBe('none');
  });
});
