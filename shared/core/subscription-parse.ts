/** A subscription as somebody writes it: one entry of the settings' file, or the body of the API. Every mistake names its place. */
import { BadParameters } from './bad-parameters.ts';
import { batchLimits } from './batch-limits.ts';
import { everyTenant, tenantIdShape } from './event.ts';
import { existingInstant } from './existing-instant.ts';
import type { Filter } from './filter.ts';
import { parseFilter } from './filter-parse.ts';
import { nearestName } from './nearest-name.ts';
import { plainText } from './plain-text.ts';
import type { DestinationSettings, Subscription } from './subscription.ts';
import { subscriptionFormats } from './subscription.ts';
import { parseDestination } from './subscription-destination.ts';
import { parseProjection } from './subscription-projection.ts';
import type { SubscriptionRules } from './subscription-rules.ts';
import {
  type Fields,
  fieldsOf,
  got,
  isObject,
  type Mistakes,
  noMistakes,
  type Path,
  textLike,
  type Written,
  type WrittenMistake,
} from './written.ts';

const known = ['id', 'tenant', 'description', 'filter', 'format', 'fields', 'personalData', 'batch', 'start'];
const longestDescription = 200;
/** The largest subscription as JSON. A record of 100 KB must hold the written body, the parsed subscription and the credentials. */
const largestBytes = 32 * 1024;

export type ParsedSubscription =
  | { readonly subscription: Subscription; readonly mistakes?: never }
  /** At least one. A URL is never repeated beyond its host, a header never with its value. */
  | { readonly mistakes: readonly WrittenMistake[] };

/** The subscription with all defaults filled in, or everything that is wrong with it. */
export const parseSubscription = (written: unknown, rules: SubscriptionRules): ParsedSubscription => {
  const mistakes = noMistakes();
  const subscription = parseInto(mistakes, written, [], rules);
  return subscription && mistakes.all.length === 0 ? { subscription } : { mistakes: mistakes.all };
};

/** The same for a subscription that stands at `path` of something larger; `undefined` only together with a mistake. */
export const parseInto = (
  mistakes: Mistakes,
  written: unknown,
  path: Path,
  rules: SubscriptionRules,
): Subscription | undefined => {
  if (!isObject(written)) {
    mistakes.add(path, `must be an object; got ${got(written)}; write { "id": …, "tenant": …, "destination": … }`);
    return undefined;
  }
  const fields = fieldsOf(written, path, [...known, 'destination'], mistakes);
  const id = parseId(fields, written, rules, mistakes);
  const tenant = parseTenant(fields, written, rules, mistakes);
  const description = parseDescription(written['description'], fields.path('description'), mistakes);
  const filter = parseWrittenFilter(written['filter'], fields.path('filter'), mistakes);
  const format =
    fields.optional('format', isFormat, `must be one of ${subscriptionFormats.join(', ')}`, 'write "ecs"') ?? 'ecs';
  const projection = parseProjection(written['fields'], fields.path('fields'), mistakes);
  const personalData = fields.optional('personalData', isHide, 'must be hide', 'write "hide", or leave it out');
  const start =
    fields.optional('start', isStart, 'must be now, beginning or an instant in UTC', 'write "now"') ?? 'now';
  const destination = parseDestination(written['destination'], fields.path('destination'), rules, mistakes);
  const batch = parseBatch(written['batch'], fields.path('batch'), destination?.type, mistakes);
  if (id === undefined || tenant === undefined || destination === undefined) return undefined;
  const subscription: Subscription = {
    id,
    tenant,
    ...(description !== undefined && { description }),
    ...(filter && { filter }),
    format,
    ...(projection && { fields: projection }),
    ...(personalData && { personalData }),
    batch,
    start: start === 'now' || start === 'beginning' ? start : { from: existingInstant(start) ?? start },
    destination,
  };
  const bytes = Math.max(...[written, subscription].map((value) => Buffer.byteLength(JSON.stringify(value))));
  if (bytes > largestBytes)
    mistakes.add(path, `is too large: ${bytes} bytes, at most ${largestBytes}; ask for less in the filter`);
  return subscription;
};

const parseId = (
  fields: Fields,
  written: Written,
  rules: SubscriptionRules,
  mistakes: Mistakes,
): string | undefined => {
  if (rules.from === 'file')
    return fields.needed(
      'id',
      textLike(tenantIdShape),
      'must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit',
      'write a short name, for example "acme-soc"',
    );
  if (written['id'] !== undefined && written['id'] !== rules.id)
    mistakes.add(fields.path('id'), `is made by Sluice and never changes; got ${got(written['id'])}; leave it out`);
  return rules.id;
};

const parseTenant = (
  fields: Fields,
  written: Written,
  rules: SubscriptionRules,
  mistakes: Mistakes,
): string | undefined => {
  const { tenants } = rules;
  if (rules.from === 'api' && written['tenant'] !== undefined && written['tenant'] !== rules.tenant) {
    mistakes.add(fields.path('tenant'), `is another's; got ${got(written['tenant'])}; leave it out`);
    return undefined;
  }
  const tenant =
    rules.from === 'api'
      ? rules.tenant
      : fields.needed(
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

const isTenant = (value: unknown): value is string =>
  value === everyTenant || (typeof value === 'string' && tenantIdShape.test(value));

const isFormat = (value: unknown): value is Subscription['format'] =>
  subscriptionFormats.some((format) => format === value);

const isHide = (value: unknown): value is 'hide' => value === 'hide';

const isStart = (value: unknown): value is string =>
  typeof value === 'string' && (value === 'now' || value === 'beginning' || existingInstant(value) !== undefined);

const parseDescription = (written: unknown, path: Path, mistakes: Mistakes): string | undefined => {
  if (written === undefined) return undefined;
  const read =
    typeof written === 'string'
      ? plainText(written, longestDescription)
      : { wrong: `must be a text; got ${got(written)}` };
  if ('text' in read) return read.text;
  mistakes.add(path, `${read.wrong}; write what it is for, for example "SOC of the head office"`);
  return undefined;
};

const parseWrittenFilter = (written: unknown, path: Path, mistakes: Mistakes): Filter | undefined => {
  if (written === undefined) return undefined;
  const isText = typeof written === 'string';
  if (!isText && !isObject(written)) {
    mistakes.add(
      path,
      `must be a question in text or an object of parameters; got ${got(written)}; write, for example, "event.outcome: failure"`,
    );
    return undefined;
  }
  try {
    return parseFilter(isText ? { q: written } : written);
  } catch (error) {
    if (!(error instanceof BadParameters)) throw error;
    for (const { field, detail } of error.mistakes) mistakes.add(isText ? path : [...path, field], detail);
    return undefined;
  }
};

const parseBatch = (
  written: unknown,
  path: Path,
  destination: DestinationSettings['type'] | undefined,
  mistakes: Mistakes,
): Subscription['batch'] => {
  if (written !== undefined && !isObject(written))
    mistakes.add(path, `must be an object; got ${got(written)}; write { "maxEvents": 100 }`);
  const object: Written = isObject(written) ? written : {};
  const fields = fieldsOf(object, path, ['maxEvents', 'maxBytes', 'maxDelaySeconds'], mistakes);
  const isRequest = destination === 'webhook' || destination === 'poll';
  const { maxEvents, maxBytes } = isRequest ? batchLimits.request : batchLimits.object;
  return {
    maxEvents: fields.wholeNumber('maxEvents', maxEvents),
    maxBytes: fields.wholeNumber('maxBytes', maxBytes),
    maxDelaySeconds: fields.wholeNumber('maxDelaySeconds', batchLimits.maxDelaySeconds),
  };
};
