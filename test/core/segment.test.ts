import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Instant } from '../../shared/core/instant.ts';
import { isIntact, type Manifest, manifestName, noHash, objectName, sealManifest } from '../../shared/core/segment.ts';

const time = '2026-03-01T09:00:00.000000000Z' as Instant;
const content: Omit<Manifest, 'hash'> = {
  source: 'closer',
  seq: 1,
  kind: 'scan',
  committedAt: '2026-03-01T12:00:00.000Z',
  count: 2,
  minTime: time,
  maxTime: time,
  maxTimeSoFar: time,
  begin: time,
  watermark: time,
  keys: { offset: 0, length: 40, count: 2 },
  tenants: { acme: { offset: 40, length: 900, count: 2 } },
  minutes: { '2026-03-01T09:00': 2 },
  object: objectName('closer', 1, 'ab'.repeat(32)),
  sha256: 'ab'.repeat(32),
  previous: noHash,
};

describe('a sealed manifest', () => {
  it('is intact as it was sealed, whatever the order of its fields', () => {
    const sealed = sealManifest(content);
    expect(isIntact(sealed)).toBe(true);
    expect(isIntact(Object.fromEntries(Object.entries(sealed).reverse()) as unknown as Manifest)).toBe(true);
  });

  it('is not, once any character of its text is another', () => {
    const text = JSON.stringify(sealManifest(content));
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.constantFrom(...'0123456789abcdef'), (where, other) => {
        fc.pre(text[where] !== other);
        const altered = text.slice(0, where) + other + text.slice(where + 1);
        const read = parsed(altered);
        expect(read === undefined || !isIntact(read) || JSON.stringify(read) === text).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it('orders by name as by number', () => {
    const names = [1, 2, 10, 99, 100, 123_456].map((seq) => manifestName('closer', seq));
    expect([...names].sort()).toEqual(names);
  });
});

const parsed = (text: string): Manifest | undefined => {
  try {
    return JSON.parse(text) as Manifest;
  } catch {
    return undefined;
  }
};
