import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { signWebhook, subscriptionSecret } from '../../../shared/core/webhook/signature.ts';

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
