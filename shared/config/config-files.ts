/** The two files that settings point to: whose event it is, and who receives what. */
import { readFileSync } from 'node:fs';
import { OperatorMustFix } from '../core/errors.ts';
import type { Subscription } from '../core/subscription.ts';
import { parseSubscriptions } from '../core/subscription-file.ts';
import { attributeAll, attributeNone, attributeTo, parseTenants, type Tenants } from '../core/tenants.ts';
import type { Config } from './config.ts';
import { WrongSettings } from './settings.ts';

/** @throws WrongSettings when the directory cannot be read, listing every mistake in it */
export const readTenants = ({ tenants }: Pick<Config, 'tenants'>): Tenants => {
  switch (tenants.kind) {
    case 'one':
      return { attribute: attributeAll(tenants.id), ids: [tenants.id] };
    case 'directory':
      return readJson('SLUICE_TENANTS_FILE', tenants.path, (json) => {
        const directory = parseTenants(json);
        return { attribute: attributeTo(directory), ids: directory.tenants.map(({ id }) => id), directory };
      });
    case 'none':
      return { attribute: attributeNone, ids: undefined, directory: { tenants: [] } };
    default:
      return tenants satisfies never;
  }
};

/**
 * Without a file there are no subscriptions. Relative folders in it lie in `options.cwd`.
 * @throws WrongSettings when the file cannot be read, listing every mistake in it
 */
export const readSubscriptions = (
  config: Pick<Config, 'subscriptionsFile' | 'allowPrivateTargets'>,
  { ids }: Pick<Tenants, 'ids'>,
  options: { readonly cwd: string },
): readonly Subscription[] => {
  const { subscriptionsFile, allowPrivateTargets } = config;
  if (subscriptionsFile === undefined) return [];
  return readJson('SLUICE_SUBSCRIPTIONS_FILE', subscriptionsFile, (json) =>
    parseSubscriptions(json, { allowPrivateTargets, cwd: options.cwd, ...(ids && { tenants: ids }) }),
  );
};

const readJson = <Value>(setting: string, path: string, parse: (json: unknown) => Value): Value => {
  try {
    return parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (cause) {
    const message = `${setting} is ${path}: ${reasonOf(cause)}`;
    throw cause instanceof SyntaxError ? new WrongSettings(message) : new WrongSettings(message, { cause });
  }
};

/** The parser's own message quotes the text, which may hold a webhook's URL: only the place is kept of it, and it is no `cause`. */
const reasonOf = (cause: unknown): string => {
  if (cause instanceof OperatorMustFix) return cause.message;
  if (cause instanceof SyntaxError) {
    const place = /\(line \d+ column \d+\)/.exec(cause.message)?.[0];
    return `it is not JSON${place ? ` ${place}` : ''}. Correct the file.`;
  }
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined;
  if (code === undefined) throw cause;
  return code === 'ENOENT'
    ? 'there is no such file. Correct the path.'
    : `it cannot be read (${code}). Check the path and its permissions.`;
};
