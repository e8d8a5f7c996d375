import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { type Credentials, credentialSeal } from '../../shared/core/sealed-credentials.ts';

const [oldKey, newKey, otherKey] = ['o', 'n', 'x'].map((letter) => letter.repeat(44)) as [string, string, string];
const id = 'acme-abcdefghijkl';
const credentials: Credentials = {
  url: 'https://hooks.acme.example/in/canary-path?token=canary',
  headers: { Authorization: 'Bearer canary' },
};
const sealUnder = (...keys: readonly [string, ...string[]]) => credentialSeal(keys, randomBytes);
const sealed = sealUnder(oldKey).seal('acme', id, credentials);

describe('sealed credentials', () => {
  it('open for their tenant and subscription, whatever they hold', () => {
    const seal = sealUnder(oldKey);
    fc.assert(
      fc.property(fc.webUrl(), fc.dictionary(fc.string(), fc.string()), fc.string(), (url, headers, owner) => {
        const text = seal.seal(owner, `${owner}-1`, { url, headers });
        expect(seal.open(owner, `${owner}-1`, text)).toEqual({ url, headers });
      }),
    );
  });

  it('show nothing of what they hold, nor whether two are alike', () => {
    const seal = sealUnder(oldKey);
    const texts = new Set(Array.from({ length: 50 }, () => seal.seal('acme', id, credentials)));
    expect(texts.size).toBe(50);
    for (const text of texts) {
      expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('canary');
    }
  });

  it.each([
    ['another tenant', 'bolt', id],
    ['another subscription', 'acme', 'acme-bbbbbbbbbbbb'],
    ['tenant and id cut elsewhere', 'acm', `e${id}`],
  ])('open for nobody else: %s', (_, tenant, other) => {
    expect(() => sealUnder(oldKey).open(tenant, other, sealed)).toThrow(OperatorMustFix);
  });

  it('do not open when a single bit of them was changed, or their end is cut off', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(() => sealUnder(oldKey).open('acme', id, changed.toString('base64url')), `byte ${at}`).toThrow(
        OperatorMustFix,
      );
      expect(() => sealUnder(oldKey).open('acme', id, bytes.subarray(0, at).toString('base64url'))).toThrow(
        OperatorMustFix,
      );
    }
  });

  it('open under the root key before the current one, and are then known to be old', () => {
    const seal = sealUnder(newKey, oldKey);
    expect(seal.open('acme', id, sealed)).toEqual(credentials);
    expect(seal.isOld(sealed)).toBe(true);
    const anew = seal.seal('acme', id, credentials);
    expect(seal.isOld(anew)).toBe(false);
    expect(sealUnder(newKey).open('acme', id, anew)).toEqual(credentials);
  });

  it('say what to do when their root key is gone', () => {
    expect(() => sealUnder(newKey, otherKey).open('acme', id, sealed)).toThrow(
      'Put the former key back as "previous" of the secret rootKey',
    );
  });

  it('say when they were altered, which is something else', () => {
    const bytes = Buffer.from(sealed, 'base64url');
    bytes[20] = (bytes[20] ?? 0) ^ 1;
    expect(() => sealUnder(oldKey).open('acme', id, bytes.toString('base64url'))).toThrow('its record was altered');
  });
});
