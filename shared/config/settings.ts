/** Raw strings in, one frozen `Config` out, or one error that lists everything wrong. */
import { basename, join } from 'node:path';
import { checkTarget } from '../core/address/target.ts';
import { OperatorMustFix, withoutPath } from '../core/errors.ts';
import type { Config } from './config.ts';
import { type Given, quoted, readGiven, secretNames, variable } from './given-settings.ts';
import { findSamples } from './samples.ts';
import { settings } from './setting-list.ts';

/** Settings, or a file they point to, are not as they must be. The message lists every mistake. */
export class WrongSettings extends OperatorMustFix {}

/**
 * What the `SLUICE_` variables of `env` amount to; relative paths lie in `options.cwd`.
 * @throws WrongSettings listing every problem at once; values of secrets are never part of it
 */
export const readConfig = (
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly cwd: string },
): Config => {
  const { config, problems } = inspectSettings(env, options);
  if (problems.length > 0) throw new WrongSettings(listed(problems));
  return config;
};

/**
 * The same for whoever looks on although something is wrong: what is not as it must be has its default, or is empty where there is none.
 * @returns one sentence for each problem, which begins with the variable that it is about
 */
export const inspectSettings = (
  env: Readonly<Record<string, string | undefined>>,
  options: { readonly cwd: string },
): { readonly config: Config; readonly problems: readonly string[] } => {
  const { given, problems } = readGiven(env, options.cwd);
  const config = Object.freeze(withDefaults(given, options.cwd, problems));
  return { config, problems };
};

/** One mistake is the message; several are counted and listed. */
const listed = (problems: readonly string[]): string =>
  problems.length === 1
    ? (problems[0] ?? '')
    : `${problems.length} settings are wrong:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;

const withDefaults = (given: Given, cwd: string, problems: string[]): Config => {
  const dataDir = given.DATA ?? join(cwd, '.sluice');
  checkSecrets(given, problems);
  return {
    dataDir,
    source: sourceOf(given, cwd, problems),
    tenants: tenantsOf(given, cwd, problems),
    state: given.STATE_URL ?? { kind: 'sqlite', path: join(dataDir, 'state.sqlite') },
    journal: given.JOURNAL_URL ?? { kind: 'folder', path: join(dataDir, 'journal') },
    queue: given.QUEUE_URL ?? { kind: 'inline' },
    secrets: given.SECRETS ?? { kind: 'file', path: join(dataDir, 'secrets.json'), create: true },
    start: given.START ?? { kind: 'beginning' },
    subscriptionsFile: given.SUBSCRIPTIONS_FILE,
    allowPrivateTargets: given.ALLOW_PRIVATE_TARGETS ?? [],
    deliveriesAtOnce: given.DELIVERIES_AT_ONCE ?? settings.DELIVERIES_AT_ONCE.usual,
    alertUrl: alertUrlOf(given, problems),
    publicUrl: given.PUBLIC_URL,
    overlapSeconds: given.OVERLAP_SECONDS ?? settings.OVERLAP_SECONDS.usual,
    pullIntervalSeconds: given.PULL_INTERVAL_SECONDS ?? settings.PULL_INTERVAL_SECONDS.usual,
    horizonHours: given.HORIZON_HOURS ?? settings.HORIZON_HOURS.usual,
    http: { host: given.HTTP_HOST ?? '127.0.0.1', port: given.HTTP_PORT ?? settings.HTTP_PORT.usual },
  };
};

const sourceOf = (given: Given, cwd: string, problems: string[]): Config['source'] => {
  const timeField = given.SOURCE_TIME_FIELD ?? '@timestamp';
  const url = given.SOURCE_URL;
  const known = !given.unreadable.has('SOURCE_URL') && !given.unreadable.has('SOURCE_INDEX');
  if (url?.kind === 'elasticsearch') {
    if (given.SOURCE_INDEX === undefined && known)
      problems.push(
        'SLUICE_SOURCE_INDEX must be set when SLUICE_SOURCE_URL is an Elasticsearch; got nothing. Write, for example, closer*.',
      );
    const index = given.SOURCE_INDEX ?? '';
    return { ...url, id: given.SOURCE_ID ?? sourceId(index), index, timeField };
  }
  if (given.SOURCE_INDEX !== undefined && known)
    problems.push(
      `SLUICE_SOURCE_INDEX belongs to an Elasticsearch, but SLUICE_SOURCE_URL is ${url ? 'a file' : 'not set'}; got ${quoted(given.SOURCE_INDEX)}. Set SLUICE_SOURCE_URL to the Elasticsearch, or remove it.`,
    );
  const path = url?.path ?? samplesNear(cwd)?.log;
  if (path === undefined && known)
    problems.push(
      'SLUICE_SOURCE_URL must be set where the samples of the repository are missing; got nothing. Write file: and a path, or the URL of an Elasticsearch.',
    );
  return { kind: 'ndjson', id: given.SOURCE_ID ?? sourceId(basename(path ?? '')), path: path ?? '', timeField };
};

const samplesNear = (cwd: string) =>
  // A bundle in the CommonJS form has no `import.meta`.
  (import.meta.dirname === undefined ? undefined : findSamples(import.meta.dirname)) ?? findSamples(cwd);

/** `closer` for `closer*`, `samples` for `samples.ndjson`; not from the address, so that a cluster can move. */
const sourceId = (name: string): string =>
  name
    .replace(/\.(ndjson|jsonl|json)$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._]+/g, '-')
    .replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, '')
    .slice(0, 64) || 'closer';

const tenantsOf = (given: Given, cwd: string, problems: string[]): Config['tenants'] => {
  if (given.TENANT !== undefined && given.TENANTS_FILE !== undefined)
    problems.push(
      `SLUICE_TENANT and SLUICE_TENANTS_FILE exclude each other; got ${quoted(given.TENANT)} and ${quoted(given.TENANTS_FILE)}. Keep SLUICE_TENANT when every event is one tenant's, else the file.`,
    );
  if (given.TENANT !== undefined) return { kind: 'one', id: given.TENANT };
  if (given.TENANTS_FILE !== undefined) return { kind: 'directory', path: given.TENANTS_FILE };
  const samples = given.SOURCE_URL === undefined && !given.unreadable.has('SOURCE_URL') ? samplesNear(cwd) : undefined;
  return samples ? { kind: 'directory', path: samples.tenants } : { kind: 'none' };
};

/** Held against the same rules as a customer's webhook, its path left out: it often is the credential. */
const alertUrlOf = ({ ALERT_URL: url, ALLOW_PRIVATE_TARGETS: allow = [] }: Given, problems: string[]) => {
  if (url === undefined) return undefined;
  const check = checkTarget(url, { allow });
  if (check.kind === 'refused')
    problems.push(`SLUICE_ALERT_URL cannot be reached; got ${quoted(withoutPath(url))}. ${check.reason}`);
  return url;
};

const checkSecrets = (given: Given, problems: string[]): void => {
  const fromEnvironment = given.SECRETS?.kind === 'env';
  if (fromEnvironment && given.SECRET_ROOT_KEY === undefined && !given.unreadable.has('SECRET_ROOT_KEY'))
    problems.push(
      'SLUICE_SECRET_ROOT_KEY must be set when SLUICE_SECRETS is env:; got nothing. Make one with: openssl rand -base64 32',
    );
  if (fromEnvironment || given.unreadable.has('SECRETS')) return;
  for (const name of secretNames.filter((each) => given[each] !== undefined))
    problems.push(
      `${variable(name)} is set, but SLUICE_SECRETS reads from elsewhere. Set SLUICE_SECRETS=env: or remove it.`,
    );
};
