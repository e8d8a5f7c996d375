/**
 * A developer may have an emulator's address in the environment, where the SDK finds it. The tests on the wire are written for AWS's
 * own addresses, so they must not follow it.
 */
for (const name of Object.keys(process.env)) if (name.startsWith('AWS_ENDPOINT_URL')) delete process.env[name];

/** Settings of every AWS client in a test: credentials that open nothing, a region, short waits. */
export const awsTestSettings = {
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 1000, throwOnRequestTimeout: true },
} as const;

/** The same without a second attempt, before which the SDK waits: for tests of what one answer means. */
export const oneAttempt = { ...awsTestSettings, maxAttempts: 1 } as const;
