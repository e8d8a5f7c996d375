/** The subscriptions file: the form of the API's body as well, so every mistake names its place. */
import { BadParameters } from './bad-parameters.ts';
import { OperatorMustFix } from './errors.ts';
import { everyTenant, tenantIdShape } from './event.ts';
import { existingInstant } from './existing-instant.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './filter-parse.ts';
import { nearestName } from './nearest-name.ts';
import type { Subscription } from './subscription.ts';
import { parseDestination } from './subscription-destination.ts';
import { type Fields, fieldsOf, got, isObject, type Mistakes, noMistakes, textLike, type Written } from './written.ts';

export interface SubscriptionRules {
  /** Ids of the tenants that exist; absent when nothing is known about them. */
  readonly tenants?: readonly string[];
  /** CIDR blocks that webhooks may reach although they are not public. */
  readonly allowPrivateTargets: readonly string[];
  /** Where the relative path of a folder begins, absolute. */
  readonly cwd: string;
}

const known = ['id', 'tenant', 'filter', 'format', 'batch', 'start', 'destination'];

/**
 * The subscriptions of a file that is parsed as JSON already, with all defaults filled in.
 * @throws OperatorMustFix listing every mistake, one per line; a URL is never repeated beyond its host, a header never with its value
 */
export const parseSubscriptions = (json: unknown, rules: SubscriptionRules): readonly Subscription[] => {
  if (!Array.isArray(json))
    throw new OperatorMustFix(
      `The subscriptions must be a list; got ${got(json)}. Write [{ "id": "acme-soc", "tenant": "acme", "destination": { … } }].`,
    );
  const mistakes = noMistakes();
  const subscriptions = json.map((written: unknown, at) => parseOne(written, `[${at}]`, rules, mistakes));
  reportTwins(json, mistakes);
  if (mistakes.all.length > 0) {
    const count = mistakes.all.length === 1 ? 'One mistake' : `${mistakes.all.length} mistakes`;
    throw new OperatorMustFix(`${count} in the subscriptions:\n${mistakes.all.map((each) => `- ${each}`).join('\n')}`);
  }
  return subscriptions.filter((subscription) => subscription !== undefined);
};

const parseOne = (
  written: unknown,
  path: string,
  rules: SubscriptionRules,
  mistakes: Mistakes,
): Subscription | undefined => {
  if (!isObject(written)) {
    mistakes.add(path, `must be an object; got ${got(written)}; write { "id": …, "tenant": …, "destination": … }`);
    return undefined;
  }
  const fields = fieldsOf(written, path, known, mistakes);
  const id = fields.needed(
    'id',
    textLike(tenantIdShape),
    'must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit',
    'write a short name, for example "acme-soc"',
  );
  const tenant = parseTenant(fields, rules, mistakes);
  const filter = parseFilterObject(written['filter'], fields.path('filter'), mistakes);
  const format = fields.optional('format', isFormat, 'must be ecs or ecs-flat', 'write "ecs"') ?? 'ecs';
  const start =
    fields.optional('start', isStart, 'must be now, beginning or an instant in UTC', 'write "now"') ?? 'now';
  const destination = parseDestination(written['destination'], fields.path('destination'), rules, mistakes);
  const batch = parseBatch(written['batch'], fields.path('batch'), destination?.type, mistakes);
  if (id === undefined || tenant === undefined || destination === undefined) return undefined;
  return {
    id,
    tenant,
    ...(filter && { filter }),
    format,
    batch,
    start: start === 'now' || start === 'beginning' ? start : { from: existingInstant(start) ?? start },
    destination,
  };
};

const isFormat = (value: unknown): value is Subscription['format'] => value === 'ecs' || value === 'ecs-flat';

const isStart = (value: unknown): value is string =>
  typeof value === 'string' && (value === 'now' || value === 'beginning' || existingInstant(value) !== undefined);

const parseTenant = (fields: Fields, { tenants }: SubscriptionRules, mistakes: Mistakes): string | undefined => {
  const isTenant = (value: unknown): value is string =>
    value === everyTenant || (typeof value === 'string' && tenantIdShape.test(value));
  const tenant = fields.needed(
    'tenant',
    isTenant,
    'must be the id of a tenant, or * for an operator',
    'write, for example, "acme"',
  );
  if (tenant === undefined || tenant === everyTenant || !tenants || tenants.includes(tenant)) return tenant;
  const nearest = nearestName(tenant, tenants);
  const advice = nearest ? `did you mean ${nearest}?` : `write one of ${tenants.slice(0, 10).join(', ')}`;
  mistakes.add(fields.path('tenant'), `is no tenant of the directory; got ${got(tenant)}; ${advice}`);
  return undefined;
};

const parseFilterObject = (written: unknown, path: string, mistakes: Mistakes): Filter | undefined => {
  if (written === undefined) return undefined;
  if (typeof written === 'string') {
    mistakes.add(
      path,
      'must be an object: a text query comes later; use an object, for example { "outcome": "failure" }',
    );
    return undefined;
  }
  if (!isObject(written)) {
    mistakes.add(path, `must be an object; got ${got(written)}; write, for example, { "outcome": "failure" }`);
    return undefined;
  }
  try {
    return parseFilter(written);
  } catch (error) {
    if (!(error instanceof BadParameters)) throw error;
    for (const { field, detail } of error.mistakes) mistakes.add(`${path}.${field}`, detail);
    return undefined;
  }
};

const parseBatch = (
  written: unknown,
  path: string,
  destination: Subscription['destination']['type'] | undefined,
  mistakes: Mistakes,
): Subscription['batch'] => {
  if (written !== undefined && !isObject(written))
    mistakes.add(path, `must be an object; got ${got(written)}; write { "maxEvents": 100 }`);
  const object: Written = isObject(written) ? written : {};
  const fields = fieldsOf(object, path, ['maxEvents', 'maxBytes', 'maxDelaySeconds'], mistakes);
  const isWebhook = destination === 'webhook';
  return {
    maxEvents: fields.wholeNumber(
      'maxEvents',
      isWebhook ? { from: 1, to: 1000, default: 100 } : { from: 1, to: 100_000, default: 100_000 },
    ),
    maxBytes: fields.wholeNumber('maxBytes', {
      from: 1000,
      to: 67_108_864,
      default: isWebhook ? 1_000_000 : 16_777_216,
    }),
    maxDelaySeconds: fields.wholeNumber('maxDelaySeconds', { from: 0, to: 86_400, default: 0 }),
  };
};

/** Two subscriptions of one id would move each other's cursor. */
const reportTwins = (json: readonly unknown[], mistakes: Mistakes): void => {
  const ids = json.map((written) => (isObject(written) ? written['id'] : undefined));
  ids.forEach((id, at) => {
    const first = ids.indexOf(id);
    if (typeof id === 'string' && first !== at)
      mistakes.add(`[${at}].id`, `is taken by [${first}]; got ${got(id)}; write another name`);
  });
};
