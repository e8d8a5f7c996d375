import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findPart } from '../../shared/core/find-part.ts';

const textOf = (letters: string, maxLength: number) =>
  fc.array(fc.constantFrom(...letters), { maxLength }).map((signs) => signs.join(''));

/** Longer than what is left to `indexOf`. */
const longParts = fc
  .tuple(textOf('aab', 12), fc.integer({ min: 0, max: 300 }), textOf('aab', 12))
  .map(([start, count, end]) => start + 'ab'.repeat(count) + end);

describe('a part', () => {
  it('is found where indexOf finds it, in texts that repeat much of it', () =>
    fc.assert(
      fc.property(longParts, longParts, fc.nat(12), (text, part, from) => {
        for (const each of [text, `${text}${part}${text}`, `${part.slice(1)}${part}`])
          expect(findPart(part)(each, from)).toBe(each.indexOf(part, from));
      }),
      { numRuns: 2_000 },
    ));

  it('is found whatever its letters are', () =>
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (text, letters) => {
        const part = letters.padEnd(300, 'é');
        expect(findPart(part)(text + part, 0)).toBe((text + part).indexOf(part));
      }),
    ));

  it('is looked for in time that grows with the text alone', () => {
    const text = 'a'.repeat(1_048_576);
    const spent = (part: string) => {
      const find = findPart(part);
      const times = Array.from({ length: 5 }, () => {
        const { user, system } = process.cpuUsage();
        expect(find(text, 0)).toBe(-1);
        const after = process.cpuUsage({ user, system });
        return after.user + after.system;
      });
      return Math.min(...times);
    };
    const half = (length: number) => 'a'.repeat(length / 2);
    // With `indexOf` seven times as long takes more than seven times as much.
    expect(spent(`${half(1_800)}b${half(1_800)}`)).toBeLessThan(2 * spent(`${half(260)}b${half(260)}`) + 10_000);
  });
});
