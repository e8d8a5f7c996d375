import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutEcho } from '../../../shared/core/webhook/echo.ts';

describe('what the other side repeats of the request', () => {
  const request = Buffer.from(
    '{"user":{"email":"ada@aurora.example.com","name":"Ädä “A” Löv"},"message":"opened the door"}',
  );

  it.each([
    ['no such field', 'no such field'],
    ['', ''],
    ['bad: {"user":{"email":"ada@aurora.example.com"', 'bad: …'],
    ['ada@aurora.example.com is unknown', '… is unknown'],
    ['unknown: "name":"Ädä “A” Löv", or so', 'unknown: …, or so'],
    ['x "email":"ada@aurora.example.com" y "message":"opened the door" z', 'x … y … z'],
  ])('is cut out: %s', (said, shown) => {
    expect(withoutEcho(said, request)).toBe(shown);
  });

  it('is cut out wherever it stands, from 23 bytes on', () => {
    const content = request.toString();
    const place = fc.record({ from: fc.nat(content.length - 24), before: fc.nat(40), after: fc.nat(40) });
    fc.assert(
      fc.property(place, ({ from, before, after }) => {
        const repeated = content.slice(from, from + 23);
        const shown = withoutEcho(`${'-'.repeat(before)}${repeated}${'+'.repeat(after)}`, request);
        expect(shown).toBe(`${'-'.repeat(before)}…${'+'.repeat(after)}`);
      }),
    );
  });

  it.each([
    ['one character for ever', 'a'.repeat(16_384), 'a'.repeat(1_000_000), '…'],
    ['two characters in turn', 'ab'.repeat(8_192), 'ab'.repeat(500_000), '…'],
    ['nothing of it', 'x'.repeat(16_384), 'y'.repeat(1_000_000), 'x'.repeat(16_384)],
  ])('is found in time whatever both hold: %s', (_what, said, sent, shown) => {
    expect(withoutEcho(said, Buffer.from(sent))).toBe(shown);
  });
});
