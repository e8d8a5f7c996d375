import type { Config } from '../config/config.ts';
import type { Clock } from '../ports/clock.ts';
import type { Secrets } from '../ports/secrets.ts';
import { envSecrets } from './env-secrets.ts';
import { fileSecrets } from './file-secrets.ts';

/** The Secrets that the settings name. Nothing is read until one is asked for; only what is needed for it is loaded. */
export const openSecrets = async (
  settings: Config['secrets'],
  deps: { readonly env: Readonly<Record<string, string | undefined>>; readonly clock: Clock },
): Promise<Secrets> => {
  switch (settings.kind) {
    case 'env':
      return envSecrets(deps.env);
    case 'file':
      return fileSecrets({ path: settings.path, create: settings.create });
    case 'secretsmanager': {
      const { openSecretsManagerSecrets } = await import('./secrets-manager.ts');
      return openSecretsManagerSecrets({ name: settings.name, clock: deps.clock });
    }
    default:
      return settings satisfies never;
  }
};
