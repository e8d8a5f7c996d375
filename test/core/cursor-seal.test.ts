import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursorSeal, type QueryCursor } from '../../shared/core/cursor-seal.ts';
import { BadRequest } from '../../shared/core/errors.ts';
import type { Instant } from '../../shared/core/instant.ts';

const cursor: QueryCursor = {
  position: { time: '2026-05-05T10:00:00.123456789Z' as Instant, key: 'AbCdEfGhIjKlMnOpQrStUv' },
  sort: 'asc',
  filter: 'f'.repeat(22),
  asOfMs: 1_777_000_000_000,
};
const seal = cursorSeal(['the root key']);

describe('a sealed cursor', () => {
  it('opens to what was sealed, to the nanosecond, for its own tenant', () => {
    expect(seal.open('acme', seal.seal('acme', cursor))).toEqual(cursor);
    const whole = { ...cursor, position: { time: cursor.position.time } };
    expect(seal.open('*', seal.seal('*', whole))).toEqual(whole);
  });

  it('shows nothing of its content and fits into a URL', () => {
    const text = seal.seal('acme', cursor);
    expect(text).toMatch(/^[A-Za-z0-9_-]{100,300}$/);
    expect(Buffer.from(text, 'base64url').toString('latin1')).not.toMatch(/2026|acme|asc/);
  });

  it('cannot be moved to another tenant', () => {
    for (const [from, to] of [
      ['acme', 'other'],
      ['acme', '*'],
      ['a', 'ab'],
      ['*', 'acme'],
    ] as const)
      expect(() => seal.open(to, seal.seal(from, cursor))).toThrow(BadRequest);
  });

  it('does not open when any bit of it is changed, or any part is cut off', () => {
    const bytes = Buffer.from(seal.seal('acme', cursor), 'base64url');
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        expect(() => seal.open('acme', changed.toString('base64url'))).toThrow(BadRequest);
      }),
    );
    for (let length = 0; length < bytes.length; length++)
      expect(() => seal.open('acme', bytes.subarray(0, length).toString('base64url'))).toThrow(BadRequest);
  });

  it('does not open when it is written in another way', () => {
    const text = seal.seal('acme', cursor);
    for (const other of [`${text}=`, ` ${text}`, `${text}AA`, text.repeat(9), '', 'next', 'ä'])
      expect(() => seal.open('acme', other)).toThrow(BadRequest);
  });

  it('still opens while the root key is being changed, and not under a stranger’s key', () => {
    const text = seal.seal('acme', cursor);
    const rotated = cursorSeal(['the new root key', 'the root key']);
    expect(rotated.open('acme', text)).toEqual(cursor);
    expect(rotated.seal('acme', cursor)).not.toBe(text);
    expect(() => cursorSeal(['the new root key']).open('acme', text)).toThrow(BadRequest);
  });

  it('uses one nonce for one content: equal cursors are equal texts, different ones share nothing', () => {
    const nonceOf = (text: string) => text.slice(0, 17);
    expect(seal.seal('acme', cursor)).toBe(seal.seal('acme', cursor));
    expect(nonceOf(seal.seal('acme', { ...cursor, asOfMs: 1 }))).not.toBe(nonceOf(seal.seal('acme', cursor)));
    expect(nonceOf(seal.seal('other', cursor))).not.toBe(nonceOf(seal.seal('acme', cursor)));
  });
});
