import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { checkSignature, keySetIn, signingKey, signingKeysOf } from '../../shared/core/signing-key.ts';

const rootKey = 'cm9vdCBrZXkgb2YgdGhlIHRlc3RzLCBsb25nIGVub3VnaA==';
const { current, keySet } = signingKeysOf({ current: rootKey });
const value = { b: [1, 2], a: 'ä' };

describe('the published vectors', () => {
  /** RFC 8037, appendix A.1 to A.4. */
  const fromRfc = signingKey(Buffer.from('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', 'base64url'));

  it('the public key and its thumbprint are those of RFC 8037', () => {
    expect(fromRfc.publicKey).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
      use: 'sig',
      alg: 'EdDSA',
    });
  });

  it('the signature is that of RFC 8037', () => {
    expect(fromRfc.signText('eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc')).toBe(
      'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
    );
  });

  it('what is signed is the canonical JSON of RFC 8785', () => {
    expect(fromRfc.sign(value)).toEqual({
      kid: fromRfc.publicKey.kid,
      signature: fromRfc.signText('{"a":"ä","b":[1,2]}'),
    });
  });
});

describe('the signing key', () => {
  it('follows from the root key, for ever: what is signed today verifies after every release', () => {
    expect(current.publicKey.kid).toBe('Zxhpk9jCD4z2QATAFivK2k_I1Ax3gx80JrZTh0vSx4o');
    expect(current.sign(value).signature).toBe(
      '8XOL8V2hpMqMLVM28sOfC254Tg3xNE3U5UQy7giGcIXBrLXuonQQ2mLBdb6-HgagN2yj7fjDhuZ1_Zt6CdEbCA',
    );
  });

  it('is another for another root key', () => {
    expect(signingKeysOf({ current: `${rootKey}.` }).current.publicKey.kid).not.toBe(current.publicKey.kid);
  });

  it('shows nothing of its private half', () => {
    expect(Object.keys(current.publicKey).sort()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x']);
    expect(JSON.stringify(keySet)).not.toContain('"d"');
  });

  it('cannot be had without a root key, and the error names the command that makes one', () => {
    expect(() => signingKeysOf(undefined)).toThrow(OperatorMustFix);
    expect(() => signingKeysOf(undefined)).toThrow('openssl rand -base64 32');
  });
});

describe('a signature', () => {
  const signed = current.sign(value);

  it('is good for the value that was signed, however its fields are ordered', () => {
    expect(checkSignature({ a: 'ä', b: [1, 2] }, signed, keySet)).toBe('good');
  });

  it('is wrong for any other value', () => {
    expect(checkSignature({ ...value, a: 'a' }, signed, keySet)).toBe('wrong');
  });

  it.each([
    ['a bit of it flipped', signed.signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A'))],
    ['cut', signed.signature.slice(0, -4)],
    ['nothing', ''],
    ['the same bytes spelled another way', `${signed.signature}=`],
    ['text', 'not a signature'],
  ])('is wrong when it is %s', (_, signature) => {
    expect(checkSignature(value, { ...signed, signature }, keySet)).toBe('wrong');
  });

  it('made by another key under this name is wrong', () => {
    const other = signingKeysOf({ current: 'x'.repeat(32) }).current;
    expect(checkSignature(value, { ...other.sign(value), kid: signed.kid }, keySet)).toBe('wrong');
  });

  it('verifies with the previous root key while a rotation lasts, and afterwards with a key set that was kept', () => {
    const rotated = signingKeysOf({ current: 'n'.repeat(32), previous: rootKey });
    expect(checkSignature(value, signed, rotated.keySet)).toBe('good');
    const rotatedTwice = signingKeysOf({ current: 'm'.repeat(32), previous: 'n'.repeat(32) });
    expect(checkSignature(value, signed, rotatedTwice.keySet)).toBe('unknown key');
    const kept = keySetIn(JSON.parse(JSON.stringify(keySet)));
    expect(kept && checkSignature(value, signed, kept)).toBe('good');
  });
});

describe('a key set that somebody brings', () => {
  it('may hold keys of other kinds, which are passed over', () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' });
    expect(keySetIn({ keys: [other, current.publicKey] })).toEqual({ keys: [current.publicKey] });
  });

  it.each([
    ['no object', 'keys'],
    ['nothing', null],
    ['without keys', {}],
    [
      'a key named for another',
      { keys: [{ ...current.publicKey, kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k' }] },
    ],
    ['a key that is cut', { keys: [{ ...current.publicKey, x: current.publicKey.x.slice(0, 20) }] }],
  ])('is refused: %s', (_, set) => {
    expect(keySetIn(set)).toBeUndefined();
  });
});
