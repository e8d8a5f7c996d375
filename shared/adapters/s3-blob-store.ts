import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { RetryLater } from '../core/errors.ts';
import type { BlobMetadata, BlobStore } from '../ports/blob-store.ts';
import { awsClientSettings, objectRequestTimeoutMs } from './aws-clients.ts';
import { awsErrorName, awsFailure, awsStatus } from './aws-errors.ts';
import { checkBlobListing, checkBlobName, checkBlobRange, isBlobName } from './blob-names.ts';

const putAttempts = 3;

/** With a client of its own. Nothing is touched until it is used. */
export const openS3BlobStore = (settings: { readonly bucket: string; readonly prefix: string }): BlobStore =>
  s3BlobStore({ ...settings, client: new S3Client(awsClientSettings(objectRequestTimeoutMs)) });

/**
 * A BlobStore in an S3 bucket: one object per blob, its key below `prefix` (`''` for the whole bucket).
 *
 * Needs `s3:PutObject`, `s3:GetObject` on the keys and `s3:ListBucket` on the bucket; without the last S3 answers 403 instead of 404 for an
 * object that is not there. If the answer to a write is lost, the SDK repeats the write, and the writer may get `exists` for its own
 * object.
 *
 * @throws RetryLater no answer, 5xx, throttled, or another write of the name in flight
 * @throws OperatorMustFix no permission, no such bucket, another region, wrong clock
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
export const s3BlobStore = (options: {
  readonly client: S3Client;
  readonly bucket: string;
  readonly prefix: string;
  readonly description?: string;
}): BlobStore => {
  const { client, bucket } = options;
  const base = options.prefix.replace(/\/*$/, (slashes) => (options.prefix === slashes ? '' : '/'));
  const description = options.description ?? `s3://${bucket}/${base.slice(0, -1)}`;
  const failure = (error: unknown) => awsFailure(error, `Bucket ${bucket} (${description})`);

  /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html */
  const putOnce = async (name: string, bytes: Uint8Array, metadata: BlobMetadata): Promise<PutAnswer> => {
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: base + name,
          Body: bytes,
          ContentType: metadata.contentType,
          ContentEncoding: metadata.contentEncoding,
          IfNoneMatch: '*',
        }),
      );
      return 'created';
    } catch (error) {
      if (awsStatus(error) === 412) return 'exists';
      // 409: a delete or another write of the key is in flight, and may yet fail. AWS asks to send again.
      if (awsStatus(error) === 409) return 'in flight';
      throw failure(error);
    }
  };

  return {
    description,

    putIfAbsent: async (name, bytes, metadata = {}) => {
      checkBlobName(name);
      for (let attempt = 1; attempt <= putAttempts; attempt += 1) {
        const answer = await putOnce(name, bytes, metadata);
        if (answer !== 'in flight') return answer;
      }
      throw new RetryLater(`Another write of ${name} in ${description} is in flight; asked ${putAttempts} times.`);
    },

    /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
    get: async (name, range) => {
      checkBlobName(name);
      checkBlobRange(range);
      try {
        const { Body } = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: base + name,
            Range: range && `bytes=${range.offset}-${range.offset + range.length - 1}`,
          }),
        );
        return await Body?.transformToByteArray();
      } catch (error) {
        if (awsErrorName(error) === 'NoSuchKey') return undefined;
        // The object ends before the range begins.
        if (awsStatus(error) === 416) return new Uint8Array();
        throw failure(error);
      }
    },

    /** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html; general purpose buckets list in byte order */
    list: async (prefix, { after, limit }) => {
      checkBlobListing(prefix, limit);
      const names: string[] = [];
      let token: string | undefined;
      try {
        do {
          const page = await client.send(
            new ListObjectsV2Command({
              Bucket: bucket,
              Prefix: base + prefix,
              StartAfter: after === undefined ? undefined : base + after,
              MaxKeys: limit - names.length,
              ContinuationToken: token,
            }),
          );
          // Keys that no BlobStore could have written, such as the `folder/` markers of a console, are skipped.
          for (const { Key = '' } of page.Contents ?? [])
            if (isBlobName(Key.slice(base.length))) names.push(Key.slice(base.length));
          token = page.IsTruncated ? page.NextContinuationToken : undefined;
        } while (token !== undefined && names.length < limit);
      } catch (error) {
        throw failure(error);
      }
      return names;
    },
  };
};

type PutAnswer = 'created' | 'exists' | 'in flight';
