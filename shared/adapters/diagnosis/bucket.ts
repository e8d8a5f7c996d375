import { HeadBucketCommand, type S3Client } from '@aws-sdk/client-s3';
import type { DestinationDiagnosis } from '../../ports/diagnosis.ts';
import { awsErrorName, awsFailure, awsStatus, isDenied } from '../aws-errors.ts';

/**
 * Whether a bucket exists in its region and the credentials (perhaps of an assumed role) may see it. Writing is not tried.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html (no body: a missing bucket is `NotFound`, a refusal `403`)
 */
export const bucketDiagnosis = (options: {
  readonly bucket: string;
  readonly client: S3Client;
}): DestinationDiagnosis => {
  const { bucket, client } = options;
  return {
    description: `s3://${bucket}`,
    look: async (signal) => {
      try {
        await client.send(new HeadBucketCommand({ Bucket: bucket }), { abortSignal: signal });
        return { kind: 'bucket' };
      } catch (error) {
        if (awsErrorName(error) === 'NotFound')
          return {
            kind: 'unreachable',
            reason: `There is no bucket ${bucket}.`,
            remedy: 'Check its name in the subscription, or have the customer make it.',
          };
        if (isDenied(error) || awsStatus(error) === 403)
          return { kind: 'hidden', reason: 's3:ListBucket, which HeadBucket needs, is not allowed' };
        throw awsFailure(error, `Bucket ${bucket}`);
      }
    },
  };
};
