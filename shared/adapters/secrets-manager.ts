import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { OperatorMustFix } from '../core/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import { awsClientSettings, smallRequestTimeoutMs } from './aws-clients.ts';
import { awsErrorName, awsFailure } from './aws-errors.ts';
import { secretValue } from './secret-value.ts';
import { readSecretsDocument, type SecretsDocument } from './secrets-document.ts';

const keepMs = 5 * 60 * 1000;

/** With a client of its own. Nothing is touched until it is used. */
export const openSecretsManagerSecrets = (settings: { readonly name: string; readonly clock: Clock }): Secrets =>
  secretsManagerSecrets({ ...settings, client: new SecretsManagerClient(awsClientSettings(smallRequestTimeoutMs)) });

/**
 * Secrets of one secret in Secrets Manager, which holds `{ "rootKey": "…", "elasticsearch": {…} }`. The version staged `AWSCURRENT`
 * is current, the one staged `AWSPREVIOUS` previous. Both are kept for 5 minutes; concurrent calls share one fetch, a failed one is
 * forgotten.
 *
 * Needs `secretsmanager:GetSecretValue` on the secret.
 *
 * @throws RetryLater throttled, 5xx, no answer
 * @throws OperatorMustFix no such secret, no permission, or its text has not that form
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export const secretsManagerSecrets = (options: {
  readonly client: SecretsManagerClient;
  readonly name: string;
  readonly clock: Clock;
}): Secrets => {
  const { client, name: secretId, clock } = options;
  const where = `Secret ${secretId}`;
  let kept: { readonly untilMs: number; readonly versions: Promise<Versions> } | undefined;

  const text = async (stage: 'AWSCURRENT' | 'AWSPREVIOUS'): Promise<string | undefined> => {
    try {
      return (await client.send(new GetSecretValueCommand({ SecretId: secretId, VersionStage: stage }))).SecretString;
    } catch (error) {
      // A secret that was never changed has no previous version.
      if (stage === 'AWSPREVIOUS' && awsErrorName(error) === 'ResourceNotFoundException') return undefined;
      throw awsFailure(error, where);
    }
  };

  const fetchVersions = async (): Promise<Versions> => {
    const [current, previous] = await Promise.all([text('AWSCURRENT'), text('AWSPREVIOUS')]);
    return { current: readSecretsDocument(current ?? '', where), previous: previousDocument(previous, where) };
  };

  const versions = (): Promise<Versions> => {
    if (kept && clock.nowMs() < kept.untilMs) return kept.versions;
    const fetched = { untilMs: clock.nowMs() + keepMs, versions: fetchVersions() };
    kept = fetched;
    // Every caller gets the error from the promise itself; here only the cached promise is dropped.
    fetched.versions.catch(() => {
      if (kept === fetched) kept = undefined;
    });
    return fetched.versions;
  };

  return { get: async (name) => secretValue(name, await versions()) };
};

interface Versions {
  readonly current: SecretsDocument;
  readonly previous: SecretsDocument | undefined;
}

/**
 * The previous version; an unreadable one counts as absent. The first version of a secret is often a placeholder of the tool that created
 * it; nothing can have been signed with a root key that cannot be read, and a past version cannot be corrected.
 */
const previousDocument = (text: string | undefined, where: string): SecretsDocument | undefined => {
  if (text === undefined) return undefined;
  try {
    return readSecretsDocument(text, where);
  } catch (error) {
    if (error instanceof OperatorMustFix) return undefined;
    throw error;
  }
};
