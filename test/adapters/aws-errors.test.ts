import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { awsFailure } from '../../shared/adapters/aws-errors.ts';
import { s3BlobStore } from '../../shared/adapters/s3-blob-store.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import { oneAttempt } from '../support/aws-test-settings.ts';

const awsError = (name: string, status: number, message = 'what AWS says'): Error =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status, attempts: 3 } });

const networkError = (code: string): Error => Object.assign(new Error(`connect ${code}`), { code });

describe('a failure of AWS', () => {
  it.each([
    awsError('AnythingNew', 500),
    awsError('AnythingNew', 503),
    awsError('TooManyRequests', 429),
    awsError('ThrottlingException', 400),
    networkError('ECONNREFUSED'),
    networkError('ENOTFOUND'),
  ])('may pass by itself: %s', (error) => {
    expect(awsFailure(error, 'Bucket a')).toBeInstanceOf(RetryLater);
  });

  it.each([
    [awsError('AnythingNew', 400), /check the setting/],
    [awsError('AnythingNew', 403), /the right to do it/],
    [
      awsError('SignatureDoesNotMatch', 403, 'Signature expired: 20260101T000000Z is now earlier than'),
      /set the clock/,
    ],
    [awsError('InvalidSignatureException', 403), /valid AWS credentials/],
    [networkError('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), /NODE_EXTRA_CA_CERTS/],
  ])('is for the operator: %s', (error, remedy) => {
    const failure = awsFailure(error, 'Bucket a');
    expect(failure).toBeInstanceOf(OperatorMustFix);
    expect(failure).toMatchObject({ message: expect.stringMatching(remedy), cause: error });
  });

  it('is not what a bug of ours is taken for', () => {
    const bug = new TypeError('undefined is not a function');
    expect(awsFailure(bug, 'Bucket a')).toBe(bug);
  });
});

describe('an AWS client that was given nothing', () => {
  const nothingGiven = (): void => {
    onTestFinished(() => void vi.unstubAllEnvs());
    for (const name of [
      'AWS_REGION',
      'AWS_DEFAULT_REGION',
      'AWS_PROFILE',
      'AWS_ACCESS_KEY_ID',
      'AWS_SECRET_ACCESS_KEY',
    ])
      vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/nonexistent');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
  };
  const { credentials, region, ...rest } = oneAttempt;

  it.each([
    ['region', { ...rest, credentials }, /Set AWS_REGION/],
    ['credentials', { ...rest, region }, /Give valid AWS credentials: check AWS_PROFILE/],
  ])('names the missing %s and where to set it', async (_what, settings, remedy) => {
    nothingGiven();
    const get = s3BlobStore({ client: new S3Client(settings), bucket: 'a', prefix: '' }).get('a');
    await expect(get).rejects.toThrow(OperatorMustFix);
    await expect(get).rejects.toThrow(remedy);
  });
});
