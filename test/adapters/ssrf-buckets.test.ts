/** A bucket's settings name a bucket: whatever their parser takes, the request goes to AWS and nowhere else. */
import { PutObjectCommand } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { customerClient } from '../../shared/adapters/customer-bucket.ts';
import { openDestination } from '../../shared/adapters/open-destination.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import type { DestinationSettings } from '../../shared/core/subscription.ts';
import { parseSubscription } from '../../shared/core/subscription-parse.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { aBatch } from '../support/a-batch.ts';
import { aSubscription } from '../support/a-subscription.ts';
import { rootKey } from '../support/a-webhook.ts';

beforeEach(() => {
  vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDOWN');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'own-key');
  vi.stubEnv('AWS_ENDPOINT_URL', undefined);
});
afterEach(() => vi.unstubAllEnvs());

const roleArn = 'arn:aws:iam::123456789012:role/sluice';
const good = { type: 's3', bucket: 'acme-events', region: 'eu-central-1', roleArn } as const;

const parsed = (written: Readonly<Record<string, unknown>>): DestinationSettings | undefined => {
  const result = parseSubscription(
    { destination: { ...good, ...written } },
    { from: 'api', id: 'acme-1', tenant: 'acme', externalId: 'sluice-made-this', allowPrivateTargets: [] },
  );
  return result.mistakes ? undefined : result.subscription.destination;
};

/** Where the SDK would send an object; `undefined` when it refuses the bucket or region itself. */
const hostOf = async (bucket: string, region: string): Promise<string | undefined> => {
  const client = customerClient({ type: 's3', bucket, prefix: '', region });
  let host: string | undefined;
  client.config.requestHandler.handle = async (request) => {
    host = `${request.protocol}//${request.hostname}:${request.port ?? 443}`;
    throw new Error('seen');
  };
  await client.send(new PutObjectCommand({ Bucket: bucket, Key: 'k', Body: 'x' })).catch((error: unknown) => {
    if (!(error instanceof Error)) throw error;
  });
  return host;
};

/** @see https://docs.aws.amazon.com/general/latest/gr/rande.html (the domains of the partitions) */
const ofAws =
  /^https:\/\/(?:[a-z0-9.-]+\.)?s3(?:express-[a-z0-9-]+)?\.[a-z0-9-]+\.(?:amazonaws\.com(?:\.cn)?|c2s\.ic\.gov|sc2s\.sgov\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov):443$/;

describe('the bucket of a subscription', () => {
  it('is looked for at AWS alone, whatever the parser takes for a bucket and a region', async () => {
    const bucket = fc.oneof(
      fc.stringMatching(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
      fc.constantFrom('169.254.169.254', 'evil.example', 'a--use1-az4--x-s3', 'a-s3alias', 'e1--op-s3', 'abc.mrap'),
    );
    const region = fc.oneof(
      fc.stringMatching(/^[a-z]{2}(-[a-z]{1,12}){1,4}-\d$/),
      fc.constantFrom('us-east-1', 'cn-north-1', 'us-iso-east-1', 'us-isob-east-1', 'eu-isoe-west-1', 'xx-evil-1'),
    );
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(bucket, region, async (name, place) => {
        expect(parsed({ bucket: name, region: place })).toMatchObject({ bucket: name, region: place });
        const host = await hostOf(name, place);
        if (host === undefined) return;
        seen += 1;
        expect(host).toMatch(ofAws);
      }),
      { numRuns: 200 },
    );
    expect(seen).toBeGreaterThan(100);
  });

  it.each([
    ['bucket', 'evil.example/'],
    ['bucket', 'acme@evil.example'],
    ['bucket', 'acme:8080'],
    ['bucket', 'acme#'],
    ['bucket', '../acme'],
    ['bucket', 'arn:aws:s3:us-east-1:123456789012:accesspoint/acme'],
    ['bucket', 'Acme'],
    ['bucket', 'acme\n'],
    ['region', 'us-east-1.evil.example/'],
    ['region', 'us-east-1@evil.example'],
    ['region', 'evil.example'],
    ['region', 'us-east-1#'],
    ['region', '-1'],
    ['region', 'us-east-1\n'],
    ['prefix', '../other-tenant'],
    ['prefix', '/etc'],
    ['prefix', 'a//b'],
    ['prefix', 'a?versionId=1'],
    ['roleArn', 'arn:aws:iam::123456789012:user/root'],
    ['roleArn', 'arn:aws:iam::123456789012:role/a\nb'],
    ['roleArn', 'arn:aws:sts::123456789012:assumed-role/a/b'],
    ['roleArn', ''],
    ['roleArn', undefined],
    ['externalId', 'acme-chose-this'],
    ['endpoint', 'http://169.254.169.254/'],
  ])('has no %s %j', (field, value) => {
    expect(parsed({})).toBeDefined();
    expect(parsed({ [field]: value })).toBeUndefined();
  });

  it('is reached with the credentials of its role or not at all, and STS is asked in its region at AWS', async () => {
    const destination = await openDestination(aSubscription({ ...good, region: 'xx-evil-1', prefix: '' }), {
      secrets: memorySecrets({ rootKey }),
      clock: systemClock,
      allow: [],
    });
    const asked = nock('https://sts.xx-evil-1.amazonaws.com')
      .post('/')
      .reply(403, '<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>');
    // No other interceptor: a request to the bucket would fail with the name of what was asked.
    expect(await destination.send(aBatch(), { number: 1 })).toMatchObject({
      kind: 'misconfigured',
      answer: expect.stringContaining('may not be assumed'),
    });
    asked.done();
  });
});
