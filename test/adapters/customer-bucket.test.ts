import nock from 'nock';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { blobDestination } from '../../shared/adapters/blob-destination.ts';
import { customerBucket } from '../../shared/adapters/customer-bucket.ts';
import { signingKeysOf } from '../../shared/core/signing-key.ts';
import '../support/aws-test-settings.ts';
import { aBatch } from '../support/a-batch.ts';
import { aSubscription } from '../support/a-subscription.ts';
import { s3OnTheWire } from '../support/s3-on-the-wire.ts';

const roleArn = 'arn:aws:iam::123456789012:role/sluice';
const settings = {
  type: 's3',
  bucket: 'acme-logs',
  prefix: 'sluice',
  region: 'eu-central-1',
  roleArn,
  externalId: 'external-id-of-acme',
} as const;
const own = { AWS_ACCESS_KEY_ID: 'AKIAOWN', AWS_SECRET_ACCESS_KEY: 'own-secret' };

const given = new Map(Object.keys(own).map((name) => [name, process.env[name]]));
beforeAll(() => {
  Object.assign(process.env, own);
});
afterAll(() => {
  for (const [name, value] of given)
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
});
afterEach(() => nock.cleanAll());

/** What AssumeRole answers; every body that it was asked with. */
const stsAnswering = (status: number, answer: string): readonly string[] => {
  const asked: string[] = [];
  nock('https://sts.eu-central-1.amazonaws.com')
    .persist()
    .intercept(/.*/, 'POST')
    .reply(async (request: Request) => {
      asked.push(await request.text());
      return [status, answer, { 'x-amzn-requestid': 'sts-request-1' }];
    });
  return asked;
};
const refusal = (code: string): string =>
  `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>no</Message></Error><RequestId>sts-request-1</RequestId></ErrorResponse>`;
const credentials = `<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>AKIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey><SessionToken>role-token</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

const send = async () => {
  const destination = blobDestination({
    store: customerBucket(settings),
    subscription: aSubscription(settings),
    signingKeys: async () => signingKeysOf({ current: 'r'.repeat(32) }),
  });
  return destination.send(aBatch(), { number: 1 });
};

describe('the bucket of a customer', () => {
  it('is written to as the role in its account, assumed with the external id', async () => {
    const asked = stsAnswering(200, credentials);
    const requests = s3OnTheWire(settings);
    expect(await send()).toMatchObject({ kind: 'delivered' });
    expect(new URLSearchParams(asked[0])).toEqual(
      new URLSearchParams({
        Action: 'AssumeRole',
        Version: '2011-06-15',
        RoleArn: roleArn,
        RoleSessionName: 'sluice',
        ExternalId: 'external-id-of-acme',
      }),
    );
    for (const request of requests) {
      expect(request.headers.get('authorization')).toContain('Credential=AKIAROLE/');
      expect(request.headers.get('x-amz-security-token')).toBe('role-token');
    }
    expect(requests).toHaveLength(1);
  });

  it('is never written to with our own credentials when the role may not be assumed: what AWS said is kept, and the remedy named', async () => {
    stsAnswering(403, refusal('AccessDenied'));
    const requests = s3OnTheWire(settings);
    expect(await send()).toEqual({
      kind: 'misconfigured',
      answer: expect.stringMatching(/may not be assumed .*trust policy .*externalId/),
      response: { status: 403, requestId: 'sts-request-1', body: 'AccessDenied: no' },
    });
    expect(requests).toEqual([]);
  });

  it.each([
    ['an answer without credentials', 200, '<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>', 'retry'],
    ['a role that AWS does not understand', 400, refusal('ValidationError'), 'misconfigured'],
  ])('is not written to either after %s', async (_what, status, answer, kind) => {
    stsAnswering(status, answer);
    const requests = s3OnTheWire(settings);
    expect(await send()).toMatchObject({ kind });
    expect(requests).toEqual([]);
  });
});
