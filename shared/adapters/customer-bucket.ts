import { S3Client } from '@aws-sdk/client-s3';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { messageOf, OperatorMustFix, RetryLater } from '../core/errors.ts';
import type { DestinationSettings } from '../core/subscription.ts';
import type { BlobStore } from '../ports/blob-store.ts';
import { awsClientSettings, objectRequestTimeoutMs, smallRequestTimeoutMs } from './aws-clients.ts';
import { awsErrorName, awsFailure } from './aws-errors.ts';
import { s3BlobStore } from './s3-blob-store.ts';

type BucketSettings = Extract<DestinationSettings, { readonly type: 's3' }>;

/** Shows in the CloudTrail of the customer's account. */
const sessionName = 'sluice';

/**
 * A bucket that a subscription names, in its region: with our own credentials, or with those of a role in the customer's account, assumed
 * with the external id and renewed by the SDK five minutes before they end.
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
 */
export const customerBucket = (settings: BucketSettings): BlobStore =>
  s3BlobStore({ client: customerClient(settings), bucket: settings.bucket, prefix: settings.prefix });

/** @param requestTimeoutMs default: long enough for an object */
export const customerClient = (settings: BucketSettings, requestTimeoutMs = objectRequestTimeoutMs): S3Client =>
  new S3Client({
    ...awsClientSettings(requestTimeoutMs),
    region: settings.region,
    ...(settings.roleArn !== undefined && { credentials: assumedRole(settings, settings.roleArn) }),
  });

const assumedRole = ({ region, externalId }: BucketSettings, roleArn: string) => {
  const sts = new STSClient({ ...awsClientSettings(smallRequestTimeoutMs), region });
  return async () => {
    const { Credentials } = await sts
      .send(new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: sessionName, ExternalId: externalId }))
      .catch((error: unknown) => {
        throw roleFailure(error, roleArn);
      });
    const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = Credentials ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration)
      throw new RetryLater(`AssumeRole of ${roleArn} answered without credentials.`);
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  };
};

const roleFailure = (error: unknown, roleArn: string): unknown =>
  awsErrorName(error).startsWith('AccessDenied')
    ? new OperatorMustFix(
        `Role ${roleArn} may not be assumed (${messageOf(error)}). Its trust policy must name our account and the subscription's externalId.`,
        { cause: error },
      )
    : awsFailure(error, `Role ${roleArn}`);
