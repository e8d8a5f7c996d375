import { gzipSync } from 'node:zlib';
import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import nock from 'nock';
import { beforeEach, describe, expect, it } from 'vitest';
import { s3BlobStore } from '../../shared/adapters/s3-blob-store.ts';
import { OperatorMustFix, RetryLater } from '../../shared/core/errors.ts';
import type { BlobStore } from '../../shared/ports/blob-store.ts';
import { describeBlobStore } from '../contracts/blob-store-contract.ts';
import { awsTestSettings, oneAttempt } from '../support/aws-test-settings.ts';
import { refusal, s3OnTheWire } from '../support/s3-on-the-wire.ts';

const bucket = 'acme-journal';
const origin = `https://${bucket}.s3.${awsTestSettings.region}.amazonaws.com`;

const aStore = (prefix = 'sluice', settings: S3ClientConfig = awsTestSettings): BlobStore =>
  s3BlobStore({ client: new S3Client(settings), bucket, prefix });

describeBlobStore('S3 on the wire', async () => {
  s3OnTheWire({ bucket, region: awsTestSettings.region });
  return () => aStore();
});

describe('the requests of an S3 store', () => {
  it('put under the condition that the key is free, with type, encoding and a checksum', async () => {
    const requests = s3OnTheWire({ bucket, region: awsTestSettings.region });
    await aStore('sluice/').putIfAbsent('a/b=c:d', gzipSync('x'), {
      contentType: 'application/x-ndjson',
      contentEncoding: 'gzip',
    });
    const [request] = requests;
    expect(`${request?.method} ${request?.url}`).toBe(`PUT ${origin}/sluice/a/b%3Dc%3Ad?x-id=PutObject`);
    expect(request?.headers.get('if-none-match')).toBe('*');
    expect(request?.headers.get('content-type')).toBe('application/x-ndjson');
    expect(request?.headers.get('content-encoding')).toBe('gzip');
    expect(request?.headers.get('x-amz-checksum-crc32')).toMatch(/^[\w+/]{6}==$/);
  });

  it('read just the range', async () => {
    const requests = s3OnTheWire({ bucket, region: awsTestSettings.region });
    await aStore('').get('a', { offset: 10, length: 5 });
    expect(requests[0]?.headers.get('range')).toBe('bytes=10-14');
    expect(requests[0]?.url).toBe(`${origin}/a?x-id=GetObject`);
  });

  it('list no further than asked for, from the name after', async () => {
    const requests = s3OnTheWire({ bucket, region: awsTestSettings.region });
    await aStore().list('manifest/', { after: 'manifest/7', limit: 20 });
    const query = new URL(requests[0]?.url ?? '').searchParams;
    expect(Object.fromEntries(query)).toEqual({
      'list-type': '2',
      'max-keys': '20',
      prefix: 'sluice/manifest/',
      'start-after': 'sluice/manifest/7',
    });
  });
});

describe('what S3 answers', () => {
  let put: () => Promise<'created' | 'exists'>;
  beforeEach(() => {
    const store = aStore('sluice', oneAttempt);
    put = () => store.putIfAbsent('a', Buffer.from('x'));
  });

  it('409, another write in flight: asks again, and believes the next answer', async () => {
    nock(origin)
      .put(/.*/)
      .reply(...refusal(409, 'ConditionalRequestConflict'));
    nock(origin)
      .put(/.*/)
      .reply(...refusal(412, 'PreconditionFailed'));
    expect(await put()).toBe('exists');
  });

  it('409 again and again: leaves it to the next run', async () => {
    const scope = nock(origin)
      .put(/.*/)
      .times(3)
      .reply(...refusal(409, 'ConditionalRequestConflict'));
    await expect(put()).rejects.toThrow(RetryLater);
    expect(scope.isDone()).toBe(true);
  });

  it.each([
    [500, 'InternalError'],
    [503, 'SlowDown'],
    [503, 'ServiceUnavailable'],
    [400, 'RequestTimeout'],
  ])('%i %s: it is not known whether the object was written', async (status, code) => {
    nock(origin)
      .put(/.*/)
      .reply(...refusal(status, code));
    await expect(put()).rejects.toThrow(RetryLater);
  });

  it('a connection that breaks: asks three times, and believes the next answer', async () => {
    nock(origin)
      .put(/.*/)
      .twice()
      .replyWithError(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    nock(origin).put(/.*/).reply(200);
    expect(await aStore().putIfAbsent('a', Buffer.from('x'))).toBe('created');
  });

  it('nothing in time: leaves it to the next run', async () => {
    const requestHandler = { ...oneAttempt.requestHandler, requestTimeout: 20 };
    nock(origin).put(/.*/).delay(5000).reply(200);
    const put = aStore('sluice', { ...oneAttempt, requestHandler }).putIfAbsent('a', Buffer.from('x'));
    await expect(put).rejects.toThrow(RetryLater);
    nock.abortPendingRequests();
  });

  it.each([
    [403, 'AccessDenied', /Bucket acme-journal .*the right to do it/],
    [404, 'NoSuchBucket', /or create it/],
    [403, 'SignatureDoesNotMatch', /valid AWS credentials/],
    [400, 'ExpiredToken', /sign in again/],
    [301, 'PermanentRedirect', /set AWS_REGION to its region/],
    [400, 'InvalidBucketName', /check the setting/],
  ])('%i %s: is for the operator, who is told what to do', async (status, code, message) => {
    nock(origin)
      .put(/.*/)
      .reply(...refusal(status, code));
    const error: unknown = await put().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OperatorMustFix);
    expect(String(error)).toMatch(message);
    expect(String(error)).toContain(code);
  });

  it('403 RequestTimeTooSkewed that stays: names the clock', async () => {
    nock(origin)
      .put(/.*/)
      .times(3)
      .reply(...refusal(403, 'RequestTimeTooSkewed'));
    await expect(put()).rejects.toThrow(/clock differs/);
  });

  it('403 for an object that is not there: a missing right is not taken for a missing object', async () => {
    nock(origin)
      .get(/.*/)
      .reply(...refusal(403, 'AccessDenied'));
    await expect(aStore().get('a')).rejects.toThrow(OperatorMustFix);
  });
});
