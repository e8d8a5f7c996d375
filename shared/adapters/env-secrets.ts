import type { Secrets } from '../ports/secrets.ts';
import { secretValue } from './secret-value.ts';
import { checkedElasticsearch, checkedRootKey, type SecretsDocument } from './secrets-document.ts';

/**
 * Secrets of the environment: `SLUICE_SECRET_ROOT_KEY`, `SLUICE_SECRET_ROOT_KEY_PREVIOUS` while a rotation lasts, and
 * `SLUICE_SECRET_ELASTICSEARCH` as JSON. An empty variable counts as absent.
 * @throws OperatorMustFix at `get`, naming the variable, when a value does not have the required form
 */
export const envSecrets = (env: Readonly<Record<string, string | undefined>>): Secrets => ({
  get: async (name) => secretValue(name, { current: currentOf(env), previous: previousOf(env) }),
});

const currentOf = (env: Readonly<Record<string, string | undefined>>): SecretsDocument => {
  const { SLUICE_SECRET_ROOT_KEY: rootKey, SLUICE_SECRET_ELASTICSEARCH: elasticsearch } = env;
  return {
    ...(rootKey ? { rootKey: checkedRootKey(rootKey, 'SLUICE_SECRET_ROOT_KEY') } : {}),
    ...(elasticsearch ? { elasticsearch: checkedElasticsearch(elasticsearch, 'SLUICE_SECRET_ELASTICSEARCH') } : {}),
  };
};

const previousOf = (env: Readonly<Record<string, string | undefined>>): SecretsDocument => {
  const { SLUICE_SECRET_ROOT_KEY_PREVIOUS: rootKey } = env;
  return rootKey ? { rootKey: checkedRootKey(rootKey, 'SLUICE_SECRET_ROOT_KEY_PREVIOUS') } : {};
};
