/** The ECS URL fields, made from the one URL that the source writes, without user information, secret parameters and one-time tokens. */
import type { EcsEvent } from '../event.ts';
import { type Findings, maskPairs, maskUserInformation, redacted } from './redact.ts';
import type { SensitiveKeys } from './sensitive-keys.ts';

export type Url = NonNullable<EcsEvent['url']>;

const plainHost = /^[a-z0-9.-]+$/;
const special = /[?#@=;]/;
const mostPort = 65_535;
const general = /^(?:([a-z][a-z0-9+.-]{0,30}):\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#.*)?$/is;

/** Parts as ECS has them. A text that is no absolute URL is kept under `original`, redacted in the same way. */
export const readUrl = (text: string, sensitive: SensitiveKeys, findings: Findings): Url => {
  const scheme = text.startsWith('http://') ? 'http' : text.startsWith('https://') ? 'https' : undefined;
  if (scheme === undefined || sensitive.urlPath || special.test(text)) return readGeneral(text, sensitive, findings);
  const start = scheme.length + 3;
  const slash = text.indexOf('/', start);
  const domain = slash === -1 ? text.slice(start) : text.slice(start, slash);
  if (!plainHost.test(domain)) return readGeneral(text, sensitive, findings);
  return slash === -1 ? { full: text, scheme, domain } : { full: text, scheme, domain, path: text.slice(slash) };
};

const readGeneral = (raw: string, sensitive: SensitiveKeys, findings: Findings): Url => {
  const withoutUser = maskUserInformation(raw, findings);
  const pairs = maskPairs(withoutUser, sensitive.any, findings);
  const full = sensitive.urlPath ? maskSegments(pairs, findings) : pairs;
  const [, scheme, authority = '', path = '', query] = general.exec(full) ?? [];
  const host = /^(\[[0-9a-f:.]+\]|[^:[\]\s]+)(?::(\d{1,5}))?$/i.exec(authority);
  const rest = { ...(path === '' ? {} : { path }), ...(query ? { query } : {}) };
  if (scheme === undefined || !host?.[1])
    return path.startsWith('/') ? { original: full, ...rest } : { original: full };
  const port = host[2] === undefined || Number(host[2]) > mostPort ? {} : { port: Number(host[2]) };
  return { full, scheme: scheme.toLowerCase(), domain: host[1].toLowerCase(), ...port, ...rest };
};

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;

/** A path segment of 16 and more characters that holds a digit or an upper-case letter may be a token. */
export const maskSegments = (url: string, findings: Findings): string => {
  const start = url.includes('://') ? url.indexOf('/', url.indexOf('://') + 3) : 0;
  const end = /[?#]|$/.exec(url)?.index ?? url.length;
  if (start === -1 || start >= end) return url;
  const segments = url.slice(start, end).split('/');
  const masked = segments.map((segment, at) => {
    const isId = uuid.test(segment) && (segments[at - 1] === 'agents' || segments[at - 1] === 'orgs');
    if (isId || segment.length < 16 || !/[0-9A-Z]/.test(segment)) return segment;
    findings.secrets.add(segment);
    findings.count++;
    return redacted;
  });
  return url.slice(0, start) + masked.join('/') + url.slice(end);
};

const uuidAfter = (path: string, marker: string): string | undefined => {
  const at = path.indexOf(marker);
  if (at === -1) return undefined;
  const start = at + marker.length;
  const id = path.slice(start, start + 36);
  const next = path.charCodeAt(start + 36);
  return uuid.test(id) && (Number.isNaN(next) || next === 0x2f) ? id : undefined;
};

/** The agent that `/api/users/agents/{uuid}/…` acts on. */
export const targetIn = (url: Url): string | undefined => url.path && uuidAfter(url.path, '/api/users/agents/');

/** The organisation that `/api/orgs/{uuid}/…` belongs to. */
export const organizationIn = (url: Url): string | undefined => url.path && uuidAfter(url.path, '/api/orgs/');
