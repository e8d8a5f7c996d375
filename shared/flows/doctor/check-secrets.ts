import type { Secrets } from '../../ports/secrets.ts';
import { type Finding, ok, problem, problemOf } from './finding.ts';
import type { Check } from './run-checks.ts';

/**
 * The secrets are there and have the form they must have; none is part of a finding.
 * @param options.made the root key is made at first use when its file is missing
 */
export const secretsCheck = (
  secrets: Secrets,
  options: {
    readonly source: 'ndjson' | 'elasticsearch';
    readonly where: string;
    readonly file: 'there' | 'made at first use';
  },
): Check => ({
  name: 'secrets',
  run: async () => {
    if (options.file === 'made at first use')
      return [
        ok('secrets/rootKey', `${options.where} is not there yet; it is made, with a new root key, at first use.`),
      ];
    const findings = [await looked('secrets/rootKey', () => rootKey(secrets, options.where))];
    if (options.source === 'elasticsearch')
      findings.push(await looked('secrets/elasticsearch', () => elasticsearch(secrets, options.where)));
    return findings;
  },
});

const looked = async (check: string, look: () => Promise<Finding>): Promise<Finding> => {
  try {
    return await look();
  } catch (error) {
    return problemOf(check, error);
  }
};

const rootKey = async (secrets: Secrets, where: string): Promise<Finding> => {
  const check = 'secrets/rootKey';
  const found = await secrets.get('rootKey');
  if (!found)
    return problem(
      check,
      `${where} holds no "rootKey": webhooks cannot be signed, nor heads, nor cursors sealed.`,
      'Put one there. Make it with: openssl rand -base64 32',
    );
  return ok(
    check,
    found.previous === undefined
      ? `${where} holds the root key.`
      : `${where} holds the root key and the one before it: both sign until the rotation is over.`,
  );
};

const elasticsearch = async (secrets: Secrets, where: string): Promise<Finding> =>
  ok(
    'secrets/elasticsearch',
    (await secrets.get('elasticsearch'))
      ? `${where} holds credentials for Elasticsearch.`
      : `${where} holds none for Elasticsearch: it is asked without credentials.`,
  );
