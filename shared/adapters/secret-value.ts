import type { Secrets, SecretValue } from '../ports/secrets.ts';
import type { SecretsDocument } from './secrets-document.ts';

/** One secret out of a store's current and previous version. A previous value that equals the current one is left out. */
export const secretValue = (
  name: Parameters<Secrets['get']>[0],
  versions: { readonly current: SecretsDocument; readonly previous: SecretsDocument | undefined },
): SecretValue | undefined => {
  const current = versions.current[name];
  const previous = versions.previous?.[name];
  if (current === undefined) return undefined;
  return previous === undefined || previous === current ? { current } : { current, previous };
};
