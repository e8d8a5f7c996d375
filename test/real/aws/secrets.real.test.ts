import { randomUUID } from 'node:crypto';
import { CreateSecretCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, it } from 'vitest';
import { awsClientSettings, smallRequestTimeoutMs } from '../../../shared/adapters/aws-clients.ts';
import { secretsManagerSecrets } from '../../../shared/adapters/secrets-manager.ts';
import { OperatorMustFix } from '../../../shared/core/errors.ts';
import { describeMistakesInSecrets, describeSecrets, type WrittenSecrets } from '../../contracts/secrets-contract.ts';
import { recordingClock } from '../../fakes/recording-clock.ts';
import { describeReal } from '../support/server-url.ts';
import { howToStart } from './how-to-start.ts';

describeReal('Secrets Manager', 'AWS_ENDPOINT_URL', howToStart, () => {
  const client = new SecretsManagerClient(awsClientSettings(smallRequestTimeoutMs));

  const open = async (current: WrittenSecrets, previous?: WrittenSecrets) => {
    const name = `sluice/test/${randomUUID()}`;
    await client.send(new CreateSecretCommand({ Name: name, SecretString: JSON.stringify(previous ?? current) }));
    if (previous)
      await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(current) }));
    return secretsManagerSecrets({ client, name, clock: recordingClock() });
  };

  describeSecrets('Secrets Manager', open);
  describeMistakesInSecrets('Secrets Manager', open);

  it('names the secret when there is none', async () => {
    const get = secretsManagerSecrets({ client, name: 'sluice/none', clock: recordingClock() }).get('rootKey');
    await expect(get).rejects.toThrow(OperatorMustFix);
    await expect(get).rejects.toThrow(/Secret sluice\/none .*ResourceNotFoundException/);
  });
});
