/** Finds the tenant of an event again, from the journaled event alone: the source's document is not needed. */
import type { EcsEvent } from './event.ts';
import { redacted } from './reading/redact.ts';
import { organizationIn } from './reading/url.ts';
import type { Evidence } from './tenants.ts';

/**
 * The evidence for the tenant in a journaled event, the same that the reader found in the document. `incomplete`: a part of the evidence
 * was redacted or removed, perhaps a part that names another tenant.
 */
export const evidenceIn = (event: EcsEvent): Evidence | 'incomplete' => {
  const { user, organization, url, http, labels } = event;
  if (labels?.['search'] !== undefined) return 'incomplete';
  const parts = [
    { flag: labels?.['request_body'], content: http?.request?.body?.content },
    { flag: labels?.['response_body'], content: http?.response?.body?.content },
  ];
  if (parts.some(({ flag }) => flag === tooLong)) return 'incomplete';
  const organizations = [organization?.id, url && organizationIn(url), ...parts.map(({ content }) => orgIdIn(content))];
  const users = [user?.id, user?.target?.id];
  const facts = [...organizations, ...users, user?.email, organizationPart(url?.path)];
  if (facts.some((fact) => fact?.includes(redacted))) return 'incomplete';
  const found = (all: readonly (string | undefined)[]) => [...new Set(all.filter((fact) => fact !== undefined))];
  return {
    index: event.event.id.slice(0, Math.max(0, event.event.id.indexOf('/'))),
    organizations: found(organizations),
    users: found(users),
    emails: found([user?.email]),
  };
};

/**
 * The label of a body that was too long to be read, and of a body that was read but too long to be kept. The second gave evidence that is
 * lost now, and the label does not tell which it was.
 */
const tooLong = 'removed: longer than 1 MiB';

const orgIdIn = (content: string | undefined): string | undefined => {
  if (content === undefined || !content.includes('"orgId"')) return undefined;
  try {
    const body: unknown = JSON.parse(content);
    const isObject = typeof body === 'object' && body !== null && !Array.isArray(body) && Object.hasOwn(body, 'orgId');
    const value: unknown = isObject ? Reflect.get(body, 'orgId') : undefined;
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' && value !== '' && value.length <= 1024 ? value : undefined;
  } catch {
    // A form or plain text; the reader takes no organisation from these either.
    return undefined;
  }
};

/** The segment of the path where an organisation's id would be. */
const organizationPart = (path: string | undefined): string | undefined => /\/api\/orgs\/([^/]*)/.exec(path ?? '')?.[1];

/** The event as the reader would have written it if it had known the tenant. */
export const attributedEvent = (event: EcsEvent): EcsEvent => {
  const { labels = {}, ...rest } = event;
  const { attribution: _, ...others } = labels;
  return Object.keys(others).length === 0 ? rest : { ...event, labels: others };
};
