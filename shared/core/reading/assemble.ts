/** Makes the event out of a draft. Every free text is searched for the secrets that were found anywhere in the event. */
import { ecsVersion } from '../catalogue/ecs-values.ts';
import type { EcsEvent } from '../event.ts';
import { streamOf } from '../event-key.ts';
import { readAddress } from './address.ts';
import { type Body, bodyContent, bodyFlag } from './body.ts';
import type { Draft, Identity } from './draft.ts';
import { mayHoldSecret, type SecretSearch, searchedText, searchedTree } from './search-secrets.ts';
import type { Url } from './url.ts';

type Building<T> = { -readonly [K in keyof T]: T[K] };
type Part<K extends keyof EcsEvent> = Building<NonNullable<EcsEvent[K]>>;

const observer = { vendor: 'Closer', product: 'Closer' } as const;

/** @param search absent if nothing was redacted; then no search is needed */
export const assemble = (
  draft: Draft,
  identity: Identity,
  readAt: string,
  search: SecretSearch | undefined,
): EcsEvent => {
  const event: Building<EcsEvent> = {
    ecs: { version: ecsVersion },
    event: eventPart(draft, identity, readAt, search),
    observer,
  };
  if (draft.shownTime !== undefined) event['@timestamp'] = `${draft.shownTime.slice(0, 23)}Z`;
  event.message = draft.message === undefined ? summary(draft, event.event.action) : searched(draft.message, search);
  const user = userPart(draft, search);
  if (user) event.user = user;
  if (draft.organizationId !== undefined) event.organization = { id: searched(draft.organizationId, search) };
  const http = httpPart(draft, search);
  if (http) event.http = http;
  const source = sourcePart(draft, search);
  if (source) event.source = source;
  if (draft.url) event.url = search ? searchedUrl(draft.url, search) : draft.url;
  const related = relatedPart(user, source);
  if (related) event.related = related;
  const closer = search ? searchedLeftovers(draft.closer, search) : draft.closer;
  if (closer) event.closer = closer;
  for (const _ in draft.labels) {
    event.labels = draft.labels;
    break;
  }
  return event;
};

const searched = (text: string, search: SecretSearch | undefined): string =>
  search ? searchedText(search, text) : text;

const searchedUrl = (url: Url, search: SecretSearch): Url => {
  if (!mayHoldSecret(search, url.full ?? url.original ?? '')) return url;
  const parts = Object.entries(url).map(([part, value]) => [
    part,
    typeof value === 'string' ? searchedText(search, value) : value,
  ]);
  return Object.fromEntries(parts);
};

const searchedLeftovers = (closer: EcsEvent['closer'], search: SecretSearch): EcsEvent['closer'] => {
  if (!closer || search.kind === 'too many secrets') return undefined;
  return searchedTree(search, closer) as EcsEvent['closer'];
};

const summary = (draft: Draft, action: string | undefined): string => {
  const status = draft.status === undefined ? '' : ` (${draft.status})`;
  return `${action ?? 'unknown action'} ${draft.categories.outcome}${status}`;
};

const module = 'closer';
const dataset = 'closer.security';
const provider = 'closer';

const eventPart = (
  draft: Draft,
  identity: Identity,
  readAt: string,
  search: SecretSearch | undefined,
): EcsEvent['event'] => {
  const { kind, category, type, outcome } = draft.categories;
  const action = draft.action === undefined || draft.isKnownAction ? draft.action : searched(draft.action, search);
  const id = `${streamOf(identity.index)}/${identity.id}`;
  return action === undefined
    ? { kind, category, type, outcome, id, module, dataset, provider, created: readAt }
    : { kind, category, type, action, outcome, id, module, dataset, provider, created: readAt };
};

const userPart = (draft: Draft, search: SecretSearch | undefined): Part<'user'> | undefined => {
  const { userId, email, roles, targetId } = draft;
  if (userId === undefined && email === undefined && roles.length === 0 && targetId === undefined) return undefined;
  const user: Part<'user'> = {};
  if (userId !== undefined) user.id = searched(userId, search);
  if (email !== undefined) user.email = searched(email, search);
  if (roles.length > 0) user.roles = search ? roles.map((role) => searchedText(search, role)) : roles;
  if (targetId !== undefined) user.target = { id: searched(targetId, search) };
  return user;
};

const httpPart = (draft: Draft, search: SecretSearch | undefined): Part<'http'> | undefined => {
  const requestBody = bodyPart('request_body', draft.request, draft.requestBytes, draft, search);
  const responseBody = bodyPart('response_body', draft.response, draft.responseBytes, draft, search);
  const http: Part<'http'> = {};
  if (draft.method !== undefined || requestBody) {
    const request: Building<NonNullable<NonNullable<EcsEvent['http']>['request']>> = {};
    if (draft.method !== undefined) request.method = searched(draft.method, search);
    if (requestBody) request.body = requestBody;
    http.request = request;
  }
  if (draft.status !== undefined || responseBody) {
    const response: Building<NonNullable<NonNullable<EcsEvent['http']>['response']>> = {};
    if (draft.status !== undefined) response.status_code = draft.status;
    if (responseBody) response.body = responseBody;
    http.response = response;
  }
  return http.request || http.response ? http : undefined;
};

const bodyPart = (
  label: 'request_body' | 'response_body',
  body: Body | undefined,
  bytes: number | undefined,
  draft: Draft,
  search: SecretSearch | undefined,
): { content?: string; bytes?: number } | undefined => {
  if (!body) return bytes === undefined ? undefined : { bytes };
  const content = bodyContent(body, search);
  const flag = bodyFlag(body, content);
  if (flag !== undefined) draft.labels[label] = flag;
  const part: { content?: string; bytes?: number } = {};
  if (content !== undefined) part.content = content;
  if (bytes !== undefined) part.bytes = bytes;
  return part;
};

const sourcePart = (draft: Draft, search: SecretSearch | undefined): Part<'source'> | undefined => {
  if (draft.address === undefined) return undefined;
  const address = searched(draft.address, search);
  const ip = readAddress(address);
  return ip === undefined ? { address } : { address, ip };
};

const relatedPart = (user: EcsEvent['user'], source: EcsEvent['source']): Part<'related'> | undefined => {
  const users: string[] = [];
  if (user?.id !== undefined) users.push(user.id);
  if (user?.target?.id !== undefined && user.target.id !== user.id) users.push(user.target.id);
  if (user?.email !== undefined) users.push(user.email);
  if (source?.ip === undefined) return users.length === 0 ? undefined : { user: users };
  return users.length === 0 ? { ip: [source.ip] } : { user: users, ip: [source.ip] };
};
