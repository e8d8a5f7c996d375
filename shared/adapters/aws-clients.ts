/**
 * The settings of every AWS client: connections kept alive (the SDK's default), every wait bounded. Construct a client once, where the
 * adapters are composed.
 *
 * Region, credentials and `AWS_ENDPOINT_URL` are read by the SDK itself. Name an emulator by its IP address
 * (`http://127.0.0.1:4566`): the SDK's endpoint rules then put the bucket into the path, as emulators need it.
 *
 * @param requestTimeoutMs from the start of an attempt to the head of its answer, upload included; also the longest silence within a body.
 *   An answer takes at most three times this, plus the SDK's waits between attempts (up to 3 s in all when throttled).
 * @see https://docs.aws.amazon.com/AWSJavaScriptSDK/v3/latest/Package/-smithy-node-http-handler/
 */
export const awsClientSettings = (requestTimeoutMs: number) => ({
  maxAttempts: 3,
  requestHandler: {
    connectionTimeout: 2000,
    requestTimeout: requestTimeoutMs,
    // Without this the SDK only prints a warning when the timeout has passed.
    throwOnRequestTimeout: true,
    socketTimeout: requestTimeoutMs,
  },
});

/** DynamoDB, SQS, Secrets Manager, STS: small questions, answered in milliseconds. */
export const smallRequestTimeoutMs = 3000;

/** S3: a segment of 16 MiB over a line of 10 Mbit/s takes 13 s. */
export const objectRequestTimeoutMs = 20_000;
