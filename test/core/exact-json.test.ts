import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mayHoldLongNumber, parseExactly } from '../../shared/core/exact-json.ts';
import { matcher } from '../../shared/core/filter-match.ts';
import { parseFilter } from '../../shared/core/filter-parse.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import { attributeNone } from '../../shared/core/tenants.ts';

describe('parsing JSON exactly', () => {
  it.each([
    ['9007199254740991', 9007199254740991],
    ['9007199254740993', '9007199254740993'],
    ['-12345678901234567890', '-12345678901234567890'],
    ['{"id": 12345678901234567890,"n":1}', { id: '12345678901234567890', n: 1 }],
    ['[1,\n 12345678901234567890]', [1, '12345678901234567890']],
    ['{"id":"12345678901234567890"}', { id: '12345678901234567890' }],
    [
      '[1234567890123456.5,12345678901234567e3,0.1234567890123456]',
      [1234567890123456.5, 12345678901234567e3, 0.1234567890123456],
    ],
  ])('keeps every digit of %s', (text, expected) => {
    expect(parseExactly(text)).toEqual(expected);
  });

  it('keeps every digit of any number, wherever it stands', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.json(), fc.nat(40), (number, other, spaces) => {
        const text = `{"a":${other},"b":${' '.repeat(spaces)}${number}}`;
        const { b } = parseExactly(text) as { b: unknown };
        expect(String(b)).toBe(String(number));
        expect(typeof b).toBe(Number.isSafeInteger(Number(number)) ? 'number' : 'string');
      }),
    );
  });

  it('looks no closer at a text without such a number', () => {
    expect(
      mayHoldLongNumber('{"at":"2026-03-01T11:59:00.000000000Z","id":"12345678901234567890","n":123456789012345}'),
    ).toBe(false);
  });

  it('is done in time with a long text of digits, and with one that is nested too deep for a reviver', () => {
    expect(parseExactly(`"${'1'.repeat(1_000_000)}"`)).toHaveLength(1_000_000);
    const deep = 100_000;
    expect(parseExactly(`${'['.repeat(deep)}12345678901234567890${']'.repeat(deep)}`)).toHaveLength(1);
  });
});

describe('an event with ids beyond 2^53', () => {
  const readHit = hitReader({ timeField: '@timestamp', attribute: attributeNone });
  const readMessage = (message: string) =>
    readHit(parseExactly(`{"_index":"closer","_id":"1","_source":{"message":${message}}}`) as never, '').event;

  it('shows all their digits, and is found by them', () => {
    const event = readMessage(
      '{"event.action":"agent_skills_change","user.id":9007199254740993,"ticket":9007199254740995}',
    );
    expect(event.user?.id).toBe('9007199254740993');
    expect(event.closer).toEqual({ ticket: '9007199254740995' });
    const matches = (q: string) => matcher(parseFilter({ q }))(event);
    expect(matches('user.id: 9007199254740993')).toBe(true);
    expect(matches('user.id: 9007199254740992')).toBe(false);
    expect(matches('closer.ticket: 9007199254740995')).toBe(true);
  });

  it('shows all digits of those in a body', () => {
    const body = JSON.stringify('{"id":12345678901234567890,"n":1}');
    const event = readMessage(`{"event.action":"agent_skills_change","http.request.body.content":${body}}`);
    expect(event.http?.request?.body?.content).toBe('{"id":"12345678901234567890","n":1}');
  });

  it('hides the first of two equal keys, though the text is as long as what is written', () => {
    const body = JSON.stringify(
      '{"x":5,"x":1,"a":12345678901234567890,"b":12345678901234567890,"c":12345678901234567890}',
    );
    const event = readMessage(`{"event.action":"agent_skills_change","http.request.body.content":${body}}`);
    expect(event.http?.request?.body?.content).not.toContain('5,');
  });

  it('hides such a number under a sensitive key everywhere', () => {
    const event = readMessage(
      '{"event.action":"agent_skills_change","http.request.body.content":{"password":9007199254740993},"note":9007199254740993}',
    );
    expect(JSON.stringify(event)).not.toContain('900719925474099');
  });
});
