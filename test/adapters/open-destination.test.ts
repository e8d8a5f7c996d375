import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openDestination } from '../../shared/adapters/open-destination.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aBatch } from '../support/a-batch.ts';
import { aSubscription } from '../support/a-subscription.ts';
import { rootKey } from '../support/a-webhook.ts';
import { receiver } from '../support/receiver.ts';

const deps = { secrets: memorySecrets({ rootKey }), clock: systemClock, allow: ['127.0.0.0/8'] };
const first = { number: 1 };

describe('the destination that a subscription names', () => {
  it('may be a webhook', async () => {
    await using server = await receiver();
    const destination = await openDestination(aSubscription({ type: 'webhook', url: server.url }), deps);
    expect((await destination.send(aBatch(), first)).kind).toBe('delivered');
    expect(server.received).toHaveLength(1);
  });

  it('may be a folder', async () => {
    const path = await mkdtemp(join(tmpdir(), 'sluice-open-destination-'));
    const destination = await openDestination(aSubscription({ type: 'folder', path }), deps);
    expect((await destination.send(aBatch(), first)).kind).toBe('delivered');
    expect(await readdir(path)).toContain('tenant=acme');
    await rm(path, { recursive: true });
  });
});

describe('a bucket', () => {
  const region = 'eu-north-1';
  const bucketOrigin = `https://acme-events.s3.${region}.amazonaws.com`;
  const stsOrigin = `https://sts.${region}.amazonaws.com`;
  const settings = { type: 's3', bucket: 'acme-events', prefix: 'closer', region } as const;
  const role = { ...settings, roleArn: 'arn:aws:iam::123456789012:role/sluice', externalId: 'acme-7f3c' } as const;
  const credentials = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>AKIDROLE</AccessKeyId><SecretAccessKey>role-key</SecretAccessKey><SessionToken>role-token</SessionToken>
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`;

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDOWN');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'own-key');
    vi.stubEnv('AWS_REGION', 'us-east-1');
    vi.stubEnv('AWS_ENDPOINT_URL', undefined);
  });
  afterEach(() => vi.unstubAllEnvs());

  it('is written in the region it names, with our own credentials when there is no role', async () => {
    const put = nock(bucketOrigin, { reqheaders: { 'if-none-match': '*', authorization: /Credential=AKIDOWN\// } })
      .put(/^\/closer\/tenant%3Dacme\/dt%3D2026-11-20\/hour%3D10\/.*\.ndjson\.gz/)
      .reply(200);
    const destination = await openDestination(aSubscription(settings), deps);
    expect(await destination.send(aBatch(), first)).toMatchObject({ kind: 'delivered' });
    expect(destination.description).toBe('s3://acme-events/closer');
    put.done();
  });

  it('is written as the role in its account, assumed once with the external id', async () => {
    const assumed = nock(stsOrigin)
      .post('/', (body: Record<string, string>) => {
        expect(body).toMatchObject({
          Action: 'AssumeRole',
          RoleArn: role.roleArn,
          ExternalId: 'acme-7f3c',
          RoleSessionName: 'sluice',
        });
        return true;
      })
      .reply(200, credentials);
    const put = nock(bucketOrigin, {
      reqheaders: { authorization: /Credential=AKIDROLE\//, 'x-amz-security-token': 'role-token' },
    })
      .put(/.*/)
      .twice()
      .reply(200);
    const destination = await openDestination(aSubscription(role), deps);
    expect(await destination.send(aBatch({ sequence: 1 }), first)).toMatchObject({ kind: 'delivered' });
    expect(await destination.send(aBatch({ sequence: 2 }), first)).toMatchObject({ kind: 'delivered' });
    assumed.done();
    put.done();
  });

  it('whose role may not be assumed is a matter for the operator, and nothing is written', async () => {
    const denied =
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized to perform sts:AssumeRole</Message></Error></ErrorResponse>';
    nock(stsOrigin).post('/').reply(403, denied);
    const destination = await openDestination(aSubscription(role), deps);
    expect(await destination.send(aBatch(), first)).toMatchObject({
      kind: 'misconfigured',
      answer: expect.stringMatching(
        /^Role arn:aws:iam::123456789012:role\/sluice may not .*AssumeRole.*trust policy.*externalId/,
      ),
    });
  });

  it.each([
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [403, 'RequestTimeTooSkewed'],
  ])('that answers %i %s is a matter for the operator, with the cause in words', async (status, code) => {
    const error = `<Error><Code>${code}</Code><Message>said so</Message></Error>`;
    nock(bucketOrigin).put(/.*/).reply(status, error);
    const destination = await openDestination(aSubscription(settings), deps);
    expect(await destination.send(aBatch(), first)).toMatchObject({
      kind: 'misconfigured',
      answer: expect.stringContaining(code),
    });
  });
});
