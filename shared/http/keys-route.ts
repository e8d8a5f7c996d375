import type { Handler } from 'hono';
import { signingKeysOf } from '../core/signing-key.ts';
import type { Secrets } from '../ports/secrets.ts';

export const keysPath = '/.well-known/sluice-keys.json';

/**
 * Answers with the public keys that heads and digests are verified with: the current one, and the one before it while a rotation of the
 * root key lasts. Public on purpose. Anybody may cache the answer for five minutes: for that long a verifier may not know a new key.
 * @see RFC 7517 section 8.5.2 (media type), RFC 8615 (well-known URIs)
 */
export const keysRoute =
  (secrets: Secrets): Handler =>
  async (context) => {
    const { keySet } = signingKeysOf(await secrets.get('rootKey'));
    context.header('Cache-Control', 'public, max-age=300');
    context.header('Content-Type', 'application/jwk-set+json');
    return context.body(`${JSON.stringify(keySet)}\n`);
  };
