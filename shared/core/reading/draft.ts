/**
 * The parts of one event, each read and redacted by key names, before the search for secrets and before the event is put together.
 * Labels say in plain text what the reader had to derive, replace or remove.
 */
import { actionNamed } from '../catalogue/actions.ts';
import type { Instant } from '../instant.ts';
import { type Body, readBody } from './body.ts';
import { type Categories, categorise } from './categorise.ts';
import { type Fields, type KnownName, slot } from './fields.ts';
import { nestLeftovers } from './leftovers.ts';
import { derivedSubject, organizationsOf } from './people.ts';
import { type Findings, noFindings, redactMessage } from './redact.ts';
import { readList, readStatus, readText } from './scalars.ts';
import { type SensitiveKeys, sensitiveKeysOf } from './sensitive-keys.ts';
import { readTime, saysMore } from './time.ts';
import { maskSegments, readUrl, targetIn, type Url } from './url.ts';

/** The names of a hit, and the time in its sort value. */
export interface Identity {
  readonly index: string;
  readonly id: string;
  /** The time field as the server formatted it. */
  readonly sortTime: Instant | undefined;
  /** The time field in epoch milliseconds, where the server printed a number. */
  readonly sortEpoch: Instant | undefined;
}

export interface Draft {
  readonly action: string | undefined;
  readonly isKnownAction: boolean;
  readonly method: string | undefined;
  readonly status: number | undefined;
  readonly categories: Categories;
  /** The time by which the journal orders: the time field as the server reads it, otherwise as we read it. */
  readonly time: Instant | undefined;
  /** The time that the event shows. */
  readonly shownTime: Instant | undefined;
  readonly url: Url | undefined;
  readonly request: Body | undefined;
  readonly requestBytes: number | undefined;
  readonly response: Body | undefined;
  readonly responseBytes: number | undefined;
  /** The text of a message without fields. */
  readonly message: string | undefined;
  readonly closer: Readonly<Record<string, unknown>> | undefined;
  readonly userId: string | undefined;
  readonly email: string | undefined;
  readonly roles: readonly string[];
  readonly targetId: string | undefined;
  readonly organizationId: string | undefined;
  readonly organizations: readonly string[];
  readonly address: string | undefined;
  readonly labels: Record<string, string>;
  readonly findings: Findings;
}

const none: readonly string[] = [];

export const draftOf = (fields: Fields, identity: Identity, timeField: string): Draft => {
  const { known, rest } = fields;
  const labels: Record<string, string> = {};
  const findings = noFindings();
  const action = readText(known[slot['event.action']])?.trim().toLowerCase() || undefined;
  const isKnownAction = action !== undefined && actionNamed(action) !== undefined;
  if (!isKnownAction) labels['known_action'] = 'false';
  const sensitive = sensitiveKeysOf(action);

  const method = readText(known[slot['http.request.method']])?.trim().toUpperCase();
  const status = readStatus(known[slot['http.response.status_code']]);
  const categories = categorise(known, action, method, status);
  if (categories.contradiction) labels['outcome_contradicts_status'] = 'true';
  const shownTime = shownTimeOf(fields, identity, timeField, labels);
  keepRaw(fields, categories, labels);

  const url = urlOf(known, sensitive, findings);
  const wholeRequest = known[slot['http.request.body']];
  const wholeResponse = known[slot['http.response.body']];
  const request = readBody(
    known[slot['http.request.body.content']] ?? wholeRequest,
    sensitive.request,
    sensitive,
    findings,
  );
  const response = readBody(
    known[slot['http.response.body.content']] ?? wholeResponse,
    sensitive.response,
    sensitive,
    findings,
  );
  const message = fields.message === undefined ? undefined : redactMessage(fields.message, sensitive.any, findings);
  if (sensitive.urlPath) maskPaths(rest, findings);
  const leftovers = rest.size === 0 ? undefined : nestLeftovers(rest, sensitive.any, findings);
  if (leftovers?.removed) labels['leftovers'] = 'removed: larger than 1 MiB';

  const namedUser = readText(known[slot['user.id']]);
  const namedEmail = readText(known[slot['user.email']]);
  const nobody = namedUser === undefined && namedEmail === undefined;
  const subject = nobody ? derivedSubject(action, categories.outcome, request, response) : undefined;
  if (subject) labels['user_derived_from'] = subject.from;
  const organizations = organizationsOf(readText(known[slot['organization.id']]), url, request, response);
  if (organizations) labels['organization_from'] = organizations.from;

  return {
    action,
    isKnownAction,
    method,
    status,
    categories,
    time: identity.sortTime ?? shownTime,
    shownTime,
    url,
    request,
    requestBytes: bytesOf(known[slot['http.request.body.bytes']], request),
    response,
    responseBytes: bytesOf(known[slot['http.response.body.bytes']], response),
    message,
    closer: leftovers?.closer,
    userId: namedUser ?? subject?.id,
    email: namedEmail ?? subject?.email,
    roles: readList(known[slot['user.roles']]),
    targetId: readText(known[slot['user.target.id']]) ?? (url && targetIn(url)),
    organizationId: organizations?.id,
    organizations: organizations?.all ?? none,
    address: readText(known[slot['source.ip']]) ?? readText(known[slot['source.address']]),
    labels,
    findings,
  };
};

/** The time field's own value; the sort value if the field is absent, or only the server can read it. */
const shownTimeOf = (
  fields: Fields,
  identity: Identity,
  timeField: string,
  labels: Record<string, string>,
): Instant | undefined => {
  const missing = fields.time === undefined || fields.time === null || fields.time === '';
  const raw: unknown = Array.isArray(fields.time) ? fields.time[0] : fields.time;
  const own = missing ? undefined : readTime(raw);
  if (own !== undefined) {
    // Of several times the server sorts by the first, which need not be the one that stands first here.
    const several = fields.rest.has(timeField) || (Array.isArray(fields.time) && fields.time.length > 1);
    if (several || saysMore(raw, own)) fields.rest.set(`raw.${timeField}`, several ? fields.time : raw);
    return own;
  }
  if (!missing) fields.rest.set(`raw.${timeField}`, raw);
  const fromSort = identity.sortTime ?? (missing ? identity.sortEpoch : undefined);
  labels['time'] = fromSort !== undefined ? 'from sort value' : missing ? 'missing' : 'unreadable';
  return fromSort;
};

/** Keeps raw values under `closer.raw` if they were replaced, or are not the single text that the event takes. */
const keepRaw = (fields: Fields, categories: Categories, labels: Record<string, string>): void => {
  const { known, rest } = fields;
  for (const [field, raw] of categories.replaced) rest.set(`raw.${field}`, raw);
  if (categories.replaced.length > 0) labels['replaced'] = categories.replaced.map(([field]) => field).join(' ');
  for (const field of fields.odd) rest.set(`raw.${field}`, known[slot[field]]);
  if (known[slot['source.ip']] !== undefined && known[slot['source.address']] !== undefined)
    keepOther('source.address', known, rest);
  if (known[slot['url.full']] !== undefined && known[slot['url.original']] !== undefined)
    keepOther('url.original', known, rest);
};

/** Masks tokens in the remaining fields as well: another field may hold the URL in another spelling, or a URL too long to be read. */
const maskPaths = (rest: Map<string, unknown>, findings: Findings): void => {
  const mask = (value: unknown): unknown => (typeof value === 'string' ? maskSegments(value, findings) : value);
  for (const [path, value] of rest) rest.set(path, Array.isArray(value) ? value.map(mask) : mask(value));
};

const keepOther = (field: KnownName, known: readonly unknown[], rest: Map<string, unknown>): void => {
  rest.set(`raw.${field}`, known[slot[field]]);
};

const urlOf = (known: readonly unknown[], sensitive: SensitiveKeys, findings: Findings): Url | undefined => {
  const text = readText(known[slot['url.full']] ?? known[slot['url.original']]);
  return text === undefined ? undefined : readUrl(text, sensitive, findings);
};

/** The source's own count, otherwise the length that we measured. */
const bytesOf = (given: unknown, body: Body | undefined): number | undefined =>
  typeof given === 'number' && Number.isSafeInteger(given) && given >= 0 ? given : body?.bytes;
