import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { envSecrets } from '../../shared/adapters/env-secrets.ts';
import { fileSecrets } from '../../shared/adapters/file-secrets.ts';
import { secretsManagerSecrets } from '../../shared/adapters/secrets-manager.ts';
import { describeMistakesInSecrets, describeSecrets, type WrittenSecrets } from '../contracts/secrets-contract.ts';
import { memorySecrets } from '../fakes/memory-secrets.ts';
import { recordingClock } from '../fakes/recording-clock.ts';
import { awsTestSettings } from '../support/aws-test-settings.ts';
import { secretOnTheWire } from '../support/secret-on-the-wire.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const elasticsearchText = (written: WrittenSecrets): string | undefined =>
  written.elasticsearch === undefined ? undefined : JSON.stringify(written.elasticsearch);

const inEnvironment = async (current: WrittenSecrets, previous?: WrittenSecrets) =>
  envSecrets({
    SLUICE_SECRET_ROOT_KEY: current.rootKey,
    SLUICE_SECRET_ROOT_KEY_PREVIOUS: previous?.rootKey,
    SLUICE_SECRET_ELASTICSEARCH: elasticsearchText(current),
  });

const inFile = async (current: WrittenSecrets, previous?: WrittenSecrets) => {
  const path = join(await temporaryFolder(), 'secrets.json');
  await writeFile(path, JSON.stringify({ ...current, previous }), { mode: 0o600 });
  return fileSecrets({ path, create: false });
};

const inSecretsManager = async (current: WrittenSecrets, previous?: WrittenSecrets) => {
  secretOnTheWire({ AWSCURRENT: JSON.stringify(current), AWSPREVIOUS: previous && JSON.stringify(previous) });
  const client = new SecretsManagerClient(awsTestSettings);
  return secretsManagerSecrets({ client, name: 'sluice/test', clock: recordingClock() });
};

const inMemory = async (current: WrittenSecrets, previous?: WrittenSecrets) => {
  const { rootKey } = current;
  const elasticsearch = elasticsearchText(current);
  const secrets = memorySecrets({
    ...(rootKey === undefined ? {} : { rootKey: previous?.rootKey ?? rootKey }),
    ...(elasticsearch === undefined ? {} : { elasticsearch }),
  });
  if (rootKey !== undefined && previous?.rootKey !== undefined) secrets.rotate('rootKey', rootKey);
  return secrets;
};

describeSecrets('memory', inMemory);
for (const [name, open] of [
  ['environment', inEnvironment],
  ['file', inFile],
  ['Secrets Manager on the wire', inSecretsManager],
] as const) {
  describeSecrets(name, open);
  describeMistakesInSecrets(name, open);
}
