import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { secretsManagerSecrets } from '../../shared/adapters/secrets-manager.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { oneAttempt } from '../support/aws-test-settings.ts';
import { secretOnTheWire, secretRefusal, secretsManagerOrigin } from '../support/secret-on-the-wire.ts';

const minuteMs = 60_000;
const key = (letter: string): string => letter.repeat(44);
const document = (letter: string): string => JSON.stringify({ rootKey: key(letter) });

const aWorld = () => {
  const clock = recordingClock();
  return {
    clock,
    secrets: secretsManagerSecrets({ client: new SecretsManagerClient(oneAttempt), name: 'sluice/test', clock }),
  };
};

const refuses = (code: string, status?: number) =>
  nock(secretsManagerOrigin)
    .persist()
    .post('/')
    .reply(...secretRefusal(code, status));

describe('secrets of Secrets Manager', () => {
  it('are fetched once for all who ask within 5 minutes, and again after that', async () => {
    const asked = secretOnTheWire({ AWSCURRENT: document('a') });
    const { secrets, clock } = aWorld();
    await Promise.all([secrets.get('rootKey'), secrets.get('rootKey'), secrets.get('elasticsearch')]);
    clock.advance(5 * minuteMs - 1);
    await secrets.get('rootKey');
    expect(asked).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    clock.advance(1);
    await secrets.get('rootKey');
    expect(asked).toHaveLength(4);
  });

  it('follow a rotation within 5 minutes, and the previous version is still given', async () => {
    const versions: Parameters<typeof secretOnTheWire>[0] = { AWSCURRENT: document('a') };
    secretOnTheWire(versions);
    const { secrets, clock } = aWorld();
    expect(await secrets.get('rootKey')).toEqual({ current: key('a') });
    Object.assign(versions, { AWSCURRENT: document('b'), AWSPREVIOUS: document('a') });
    expect(await secrets.get('rootKey')).toEqual({ current: key('a') });
    clock.advance(5 * minuteMs);
    expect(await secrets.get('rootKey')).toEqual({ current: key('b'), previous: key('a') });
  });

  it('forget a failed fetch: the next call asks again', async () => {
    const scope = refuses('InternalServiceError', 500);
    const { secrets } = aWorld();
    await expect(secrets.get('rootKey')).rejects.toThrow(RetryLater);
    scope.persist(false);
    nock.cleanAll();
    secretOnTheWire({ AWSCURRENT: document('a') });
    expect(await secrets.get('rootKey')).toEqual({ current: key('a') });
  });

  it('take a previous version that nobody could have used for none', async () => {
    secretOnTheWire({ AWSCURRENT: document('a'), AWSPREVIOUS: 'placeholder of whatever created the secret' });
    expect(await aWorld().secrets.get('rootKey')).toEqual({ current: key('a') });
  });

  it.each([
    ['ResourceNotFoundException', /Secret sluice\/test .*or create it/],
    ['AccessDeniedException', /the right to do it/],
    ['DecryptionFailure', /the right to do it/],
    ['InvalidRequestException', /check the setting/],
  ])('%s: is for the operator, who is told what to do', async (code, message) => {
    refuses(code);
    const error: unknown = await aWorld()
      .secrets.get('rootKey')
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorMustFix);
    expect(String(error)).toMatch(message);
  });

  it('say where the form is wrong, and nothing of what is there', async () => {
    secretOnTheWire({ AWSCURRENT: 'rootKey=SECRET' });
    const error: unknown = await aWorld()
      .secrets.get('rootKey')
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toMatch(/Secret sluice\/test must hold a JSON object/);
    expect(String(error)).not.toContain('SECRET');
  });
});
