import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import {
  BadRequest,
  maskSecrets,
  messageOf,
  OperatorMustFix,
  RetryLater,
  withoutPath,
} from '../../shared/core/errors.ts';

const secrets: readonly (readonly [string, string])[] = [
  ['https://ada:hunter2hunter2@es.example.com/x', 'hunter2hunter2'],
  ['GET https://hooks.acme.example/a?token=tok-1234567890', 'tok-1234567890'],
  ['Authorization: ApiKey bXktYXBpLWtleQ==', 'bXktYXBpLWtleQ=='],
  ['Authorization: Bearer abc.def.ghi-jkl', 'abc.def.ghi-jkl'],
  ['the secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ['key sluice_k1_s3cr3t-s3cr3t', 's3cr3t-s3cr3t'],
  ['{"apiKey":"cafe0000-0000-4000-8000-000000000096"}', 'cafe0000-0000-4000-8000-000000000096'],
];

const errors = {
  RetryLater: (text: string) => new RetryLater(text),
  OperatorMustFix: (text: string) => new OperatorMustFix(text),
  BadRequest: (text: string) => new BadRequest('from', text),
};

describe.each(Object.entries(errors))('%s', (name, make) => {
  it.each(secrets)('prints no secret: %s', (text, secret) => {
    const error = make(text);
    expect(inspect(error) + String(error) + JSON.stringify(error)).not.toContain(secret);
  });

  it('says by its name who must act, and keeps its cause', () => {
    const cause = new Error('below');
    expect(make('x').name).toBe(name);
    expect(new OperatorMustFix('x', { cause }).cause).toBe(cause);
  });
});

describe('what is printed of others', () => {
  it.each(secrets)('is masked too: %s', (text, secret) => {
    expect(messageOf(new Error(text))).not.toContain(secret);
    expect(maskSecrets(text)).not.toContain(secret);
  });

  it("keeps of a customer's URL scheme, host and port", () => {
    expect(withoutPath('https://hooks.acme.example:8443/services/T0/B0/secret?x=1')).toBe(
      'https://hooks.acme.example:8443',
    );
    expect(withoutPath('not a URL')).toBe('(unreadable URL)');
  });

  it('leaves plain sentences as they are', () => {
    const plain =
      'SLUICE_OVERLAP_SECONDS must be a whole number from 0 to 86400; got "abc". Write digits, for example 300.';
    expect(maskSecrets(plain)).toBe(plain);
  });
});
