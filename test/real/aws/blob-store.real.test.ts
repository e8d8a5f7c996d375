import { randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, expect, it } from 'vitest';
import { awsClientSettings, objectRequestTimeoutMs } from '../../../shared/adapters/aws-clients.ts';
import { s3BlobStore } from '../../../shared/adapters/s3-blob-store.ts';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import { describeBlobStore } from '../../contracts/blob-store-contract.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

describeReal('S3', 'AWS_ENDPOINT_URL', howToStart, () => {
  const settings = awsClientSettings(objectRequestTimeoutMs);
  const client = new S3Client(settings);
  const bucket = `sluice-test-${randomUUID()}`;
  beforeAll(async () => {
    await client.send(new CreateBucketCommand({ Bucket: bucket }));
  });

  describeBlobStore('S3', async () => {
    const prefix = randomUUID();
    return () => s3BlobStore({ client: new S3Client(settings), bucket, prefix });
  });

  it('keeps type and encoding, and gives compressed bytes back compressed', async () => {
    const store = s3BlobStore({ client, bucket, prefix: '' });
    const bytes = gzipSync('{"a":1}\n');
    await store.putIfAbsent('typed.gz', bytes, { contentType: 'application/x-ndjson', contentEncoding: 'gzip' });
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: 'typed.gz' }));
    expect([head.ContentType, head.ContentEncoding]).toEqual(['application/x-ndjson', 'gzip']);
    expect(Buffer.compare((await store.get('typed.gz')) ?? new Uint8Array(), bytes)).toBe(0);
  });

  it('carries a segment of 16 MiB', async () => {
    const store = s3BlobStore({ client, bucket, prefix: '' });
    const bytes = Buffer.alloc(16 * 1024 * 1024, 'segment ');
    expect(await store.putIfAbsent('segment', bytes)).toBe('created');
    expect(await store.putIfAbsent('segment', bytes)).toBe('exists');
    expect(bytes.equals((await store.get('segment')) ?? new Uint8Array())).toBe(true);
  });

  it('names the bucket when there is none', async () => {
    const get = s3BlobStore({ client, bucket: 'sluice-no-such-bucket', prefix: '' }).get('a');
    await expect(get).rejects.toThrow(OperatorMustFix);
    await expect(get).rejects.toThrow(/Bucket sluice-no-such-bucket .*NoSuchBucket/);
  });

  it('is for the operator when the credentials are nobody’s', async () => {
    const credentials = { accessKeyId: 'AKIANOBODY0000000000', secretAccessKey: 'nothing' };
    const stranger = new S3Client({ ...settings, credentials });
    const put = s3BlobStore({ client: stranger, bucket, prefix: '' }).putIfAbsent('a', Buffer.from('x'));
    await expect(put).rejects.toThrow(OperatorMustFix);
  });
});
