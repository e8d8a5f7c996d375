import { describe, expect, it } from 'vitest';
import { checkSignature, keySetIn, signingKeysOf } from '../../shared/core/signing-key.ts';
import { httpWorld } from '../support/http-world.ts';

const path = '/.well-known/sluice-keys.json';

describe('the public keys', () => {
  it('are served to anybody, as a JSON Web Key set that may be kept for five minutes', async () => {
    const response = await httpWorld().get(path, { key: '' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/jwk-set+json');
    expect(response.headers.get('cache-control')).toBe('public, max-age=300');
    const { keys } = (await response.json()) as { readonly keys: readonly unknown[] };
    expect(keys).toHaveLength(1);
    expect(keys[0]).toEqual({
      kty: 'OKP',
      crv: 'Ed25519',
      use: 'sig',
      alg: 'EdDSA',
      x: expect.stringMatching(/^[\w-]{43}$/),
      kid: expect.stringMatching(/^[\w-]{43}$/),
    });
  });

  it('verify what was signed before and after a rotation of the root key', async () => {
    const world = httpWorld();
    const signing = async () => signingKeysOf(await world.secrets.get('rootKey')).current;
    const before = (await signing()).sign({ n: 1 });
    world.secrets.rotate('rootKey', 'n'.repeat(32));
    const after = (await signing()).sign({ n: 2 });
    const served = keySetIn(await (await world.get(path, { key: '' })).json());
    expect(served && checkSignature({ n: 1 }, before, served)).toBe('good');
    expect(served && checkSignature({ n: 2 }, after, served)).toBe('good');
  });

  it('cannot be changed', async () => {
    const response = await httpWorld().app.request(`https://api.example.com${path}`, { method: 'PUT' });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD');
  });

  it('a missing root key is a mistake of ours, told in the log alone and never kept', async () => {
    const world = httpWorld();
    world.secrets.get = async () => undefined;
    const response = await world.get(path, { key: '' });
    expect(response.status).toBe(500);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.text()).not.toContain('rootKey');
    expect(world.notices[0]?.message).toContain('rootKey');
  });
});
