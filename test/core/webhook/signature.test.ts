import { createPublicKey, verify } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signWebhook, subscriptionSecret } from '../../../shared/core/webhook/signature.ts';
import { subscriptionKey } from '../../../shared/core/webhook/webhook-key.ts';

const rootKey = 'a root key of thirty-two characters or more';

/** https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/javascript/src/webhook.test.ts */
const published = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestampSeconds: 1614265330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

const signPublished = (secrets: readonly string[]): string =>
  signWebhook({ ...published, body: Buffer.from(published.body), secrets });

describe('the signature of a webhook', () => {
  it('is the one of the published vector', () => {
    expect(signPublished([published.secret])).toBe(published.signature);
  });

  it('does not mind whether the secret is written with its prefix', () => {
    expect(signPublished([published.secret.replace('whsec_', '')])).toBe(published.signature);
  });

  it('has an entry for each secret while a rotation lasts, the current one first', () => {
    const other = subscriptionSecret(rootKey, 'acme-soc');
    const [first, second, ...more] = signPublished([other, published.secret]).split(' ');
    expect(first).toBe(signPublished([other]));
    expect(second).toBe(published.signature);
    expect(more).toEqual([]);
  });

  it('is accepted by the reference library, with the old secret and with the new one', () => {
    const [current, previous] = [subscriptionSecret(rootKey, 'acme-soc', 2), subscriptionSecret(rootKey, 'acme-soc')];
    const id = 'msg_1';
    const body = '{"text":"Ä“ \\n"}';
    const timestampSeconds = Math.floor(Date.now() / 1000);
    const headers = {
      'webhook-id': id,
      'webhook-timestamp': String(timestampSeconds),
      'webhook-signature': signWebhook({ id, timestampSeconds, body: Buffer.from(body), secrets: [current, previous] }),
    };
    for (const secret of [current, previous])
      expect(new Webhook(secret).verify(body, headers)).toEqual(JSON.parse(body));
    expect(() => new Webhook(subscriptionSecret(rootKey, 'other')).verify(body, headers)).toThrow(
      'No matching signature',
    );
    expect(() => new Webhook(current).verify(`${body} `, headers)).toThrow('No matching signature');
  });

  it.each(['', 'msg.1', '.'])('refuses the id "%s", which could be confused with the other signed parts', (id) => {
    expect(() => signWebhook({ ...published, id, body: Buffer.from(''), secrets: [published.secret] })).toThrow(id);
  });

  it('is never made without a secret', () => {
    expect(() => signPublished([])).toThrow('at least one secret');
  });
});

describe('the secret of a subscription', () => {
  it('has 32 bytes, and is the same every time: nothing needs to be stored', () => {
    const secret = subscriptionSecret(rootKey, 'acme-soc');
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(subscriptionSecret(rootKey, 'acme-soc')).toBe(secret);
  });

  it('is pinned: another one would lock every receiver out', () => {
    expect(subscriptionSecret(rootKey, 'acme-soc')).toBe('whsec_ck7FovZbLQu+ZsMhL7Mpk3rzRIEHyVORKCZhkb1oo0s=');
  });

  it('differs by subscription, version and root key', () => {
    const secrets = [
      subscriptionSecret(rootKey, 'acme-soc'),
      subscriptionSecret(rootKey, 'acme-soc2'),
      subscriptionSecret(rootKey, 'acme-soc', 2),
      subscriptionSecret(`${rootKey}!`, 'acme-soc'),
    ];
    expect(new Set(secrets).size).toBe(secrets.length);
  });

  it('is not made from a root key that can be guessed', () => {
    expect(() => subscriptionSecret('too short', 'acme-soc')).toThrow(/rootKey .*at least 32 .*it has 9/);
  });
});

describe('the asymmetric signature', () => {
  const key = subscriptionKey(rootKey, 'acme-soc');
  const signed = {
    id: 'msg_1',
    timestampSeconds: Math.floor(Date.now() / 1000),
    body: Buffer.from('{"text":"Ä“"}'),
    secrets: [subscriptionSecret(rootKey, 'acme-soc')],
  };
  const verifies = (publicKey: string, signature: string, body: Buffer = signed.body): boolean => {
    const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
    const message = Buffer.concat([Buffer.from(`${signed.id}.${signed.timestampSeconds}.`), body]);
    return verify(
      null,
      message,
      createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' }),
      Buffer.from(signature.replace('v1a,', ''), 'base64'),
    );
  };

  it('stands beside the symmetric one, and the public key verifies it', () => {
    const [symmetric, asymmetric = '', ...more] = signWebhook({ ...signed, keys: [key] }).split(' ');
    expect(symmetric).toBe(signWebhook(signed));
    expect(asymmetric).toMatch(/^v1a,[A-Za-z0-9+/]{86}==$/);
    expect(more).toEqual([]);
    expect(verifies(key.publicKey, asymmetric)).toBe(true);
    expect(verifies(key.publicKey, asymmetric, Buffer.from('{}'))).toBe(false);
    expect(verifies(subscriptionKey(rootKey, 'other').publicKey, asymmetric)).toBe(false);
  });

  it('is passed over by the reference library, which knows the symmetric one alone', () => {
    const [secret = ''] = signed.secrets;
    const headers = (keys: readonly (typeof key)[]) => ({
      'webhook-id': signed.id,
      'webhook-timestamp': String(signed.timestampSeconds),
      'webhook-signature': signWebhook({ ...signed, keys })
        .split(' ')
        .toReversed()
        .join(' '),
    });
    expect(new Webhook(secret).verify(signed.body.toString(), headers([key]))).toEqual({ text: 'Ä“' });
    const alone = { ...headers([key]), 'webhook-signature': `v1a,${key.sign(signed.body)}` };
    expect(() => new Webhook(secret).verify(signed.body.toString(), alone)).toThrow('No matching signature');
  });

  it('comes from a key of the form that the standard writes, pinned: another one would lock every receiver out', () => {
    expect(key.publicKey).toBe('whpk_leOC46J/s156DHy9iyyljqQQnkaA2CmZgcBB4y2qeRI=');
    const keys = [
      key,
      subscriptionKey(rootKey, 'acme-soc2'),
      subscriptionKey(rootKey, 'acme-soc', 2),
      subscriptionKey(`${rootKey}!`, 'acme-soc'),
    ];
    expect(new Set(keys.map(({ publicKey }) => publicKey)).size).toBe(keys.length);
    expect(() => subscriptionKey('too short', 'acme-soc')).toThrow(/at least 32/);
  });
});
