import type { Response } from '../core/batch.ts';
import { messageOf, OperatorMustFix, RetryLater } from '../core/errors.ts';

/** The error code of AWS (`AccessDenied`, `NoSuchKey`), or the name of any other error. */
export const awsErrorName = (error: unknown): string => (error instanceof Error ? error.name : '');

/** HTTP status of AWS's answer; `undefined` when there was none. */
export const awsStatus = (error: unknown): number | undefined => metadataOf(error).httpStatusCode;

/** AWS's answer to a failed call, taken from the error of the SDK; `undefined` if there was none. */
export const awsResponse = (error: unknown): Response | undefined => {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { httpStatusCode: status, requestId } = metadataOf(at);
    if (status !== undefined)
      return { status, body: messageOf(`${at.name}: ${at.message}`), ...(requestId !== undefined && { requestId }) };
  }
  return undefined;
};

/** Whether the SDK had sent the request before: what an earlier attempt did is then unknown. */
export const wasRepeated = (error: unknown): boolean => (metadataOf(error).attempts ?? 1) > 1;

/**
 * What a failed AWS call means for us. Returned, not thrown: `RetryLater` when it may pass by itself (no answer, 5xx, throttled),
 * `OperatorMustFix` when AWS refused, with cause and remedy; the error itself when it comes neither from AWS nor from the connection to it.
 * @param what the thing in the operator's words: `Bucket acme-journal`
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */
export const awsFailure = (error: unknown, what: string): unknown => {
  if (!(error instanceof Error)) return error;
  const said = `${error.name}: ${error.message}`;
  const status = awsStatus(error);
  if (isPassing(error, status))
    return new RetryLater(`${what} gave no answer that counts (${said}).`, { cause: error });
  const remedy = remedyOf(error, status);
  return remedy === undefined
    ? error
    : new OperatorMustFix(`${what} cannot be used (${said}). ${remedy}`, { cause: error });
};

interface Metadata {
  readonly httpStatusCode?: number;
  readonly attempts?: number;
  readonly requestId?: string;
}

const metadataOf = (error: unknown): Metadata =>
  error instanceof Error && '$metadata' in error ? ((error.$metadata ?? {}) as Metadata) : {};

const isPassing = (error: Error, status: number | undefined): boolean =>
  passingNames.has(error.name) ||
  passingCodes.has(systemCode(error)) ||
  (status !== undefined && (status >= 500 || status === 429 || status === 408));

const systemCode = (error: Error): string => ('code' in error && typeof error.code === 'string' ? error.code : '');

/** Throttling comes as 400 from DynamoDB and Secrets Manager: the status alone does not tell. */
const passingNames = new Set([
  'AbortError',
  'ConditionalRequestConflict',
  'InternalServerError',
  'InternalServiceError',
  'OperationAborted',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestTimeout',
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TimeoutError',
  'TooManyRequestsException',
]);

/** No connection, or a broken one. An unknown host is among them, because a machine without a network reports the same. */
const passingCodes = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
]);

const remedyOf = (error: Error, status: number | undefined): string | undefined => {
  if (clockNames.has(error.name) || /signature (expired|not yet current)/i.test(error.message))
    return "This computer's clock differs from AWS's by more than AWS allows: set the clock.";
  if (credentialNames.has(error.name) || /could not load credentials/i.test(error.message))
    return 'Give valid AWS credentials: check AWS_PROFILE or AWS_ACCESS_KEY_ID, or sign in again.';
  if (/region is missing/i.test(error.message)) return 'Set AWS_REGION.';
  if (missingNames.has(error.name)) return 'Check its name, the account and AWS_REGION, or create it.';
  if (status === 301 || error.name === 'PermanentRedirect')
    return 'It is in another region: set AWS_REGION to its region.';
  if (status === 403 || deniedNames.has(error.name))
    return 'Give the role that runs this the right to do it; the policy of the thing itself may refuse too.';
  if (isTlsCode(systemCode(error)))
    return 'The certificate of the endpoint is not trusted: check AWS_ENDPOINT_URL and NODE_EXTRA_CA_CERTS.';
  if (status !== undefined && status >= 400)
    return 'AWS refuses the request as it is: check the setting that names it.';
  return undefined;
};

const clockNames = new Set(['RequestExpired', 'RequestInTheFuture', 'RequestTimeTooSkewed']);

const credentialNames = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'InvalidToken',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
]);

const missingNames = new Set([
  'NoSuchBucket',
  'QueueDoesNotExist',
  'AWS.SimpleQueueService.NonExistentQueue',
  'ResourceNotFoundException',
]);

const deniedNames = new Set(['AccessDenied', 'AccessDeniedException', 'DecryptionFailure', 'KmsAccessDenied']);

const isTlsCode = (code: string): boolean => /^(CERT_|ERR_TLS_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_)/.test(code);

/** Whether AWS accepts our credentials but denies the call. */
export const isDenied = (error: unknown): boolean => deniedNames.has(awsErrorName(error));
