/**
 * Decides which tenant an event belongs to. A directory says which organisations, users, e-mails and indices belong to which tenant; the
 * event's own values are the evidence. If they name one tenant, the event is that tenant's. If they name none, or different ones, it is
 * unattributed: nothing is guessed.
 */
import * as z from 'zod';
import { OperatorMustFix } from './errors.ts';
import { tenantIdShape, unattributed } from './event.ts';
import { streamOf } from './event-key.ts';

/** The values of an event that may tell its tenant, as the source wrote them. Texts compare without regard to case. */
export interface Evidence {
  readonly index: string;
  /** From the document, the URL's path, the request's body and the response's body. */
  readonly organizations: readonly string[];
  /** Actor and target. */
  readonly users: readonly string[];
  readonly emails: readonly string[];
}

/** A tenant id, or `unattributed`. */
export type Attribute = (evidence: Evidence) => string;

export interface Tenant {
  readonly id: string;
  readonly organizations: readonly string[];
  readonly users: readonly string[];
  readonly emails: readonly string[];
  readonly emailDomains: readonly string[];
  /** Names of indices or data streams; `*` stands for any text. */
  readonly indices: readonly string[];
}

export interface TenantDirectory {
  readonly tenants: readonly Tenant[];
}

/** The tenants by the settings, or by settings and records together. */
export interface Tenants {
  readonly attribute: Attribute;
  /** `undefined` when no tenant is known: every event is unattributed, only an operator's subscription receives it. */
  readonly ids: readonly string[] | undefined;
  /** Absent: every event belongs to one tenant (`SLUICE_TENANT`). */
  readonly directory?: TenantDirectory;
}

const texts = z.array(z.string().trim().min(1, 'must not be empty')).readonly().default([]);

export const namesNothing =
  'names no organization, user, email, emailDomain or index: nothing could be attributed to it';

export const tenantSchema = z
  .strictObject({
    id: z.string().regex(tenantIdShape, 'must be 1 to 64 of a-z 0-9 . _ - and begin with a letter or digit'),
    organizations: texts,
    users: texts,
    emails: texts,
    emailDomains: texts,
    indices: texts,
  })
  .refine((tenant) => lists.some((list) => tenant[list].length > 0), {
    error: namesNothing,
  });

export const lists = ['organizations', 'users', 'emails', 'emailDomains', 'indices'] as const;

/**
 * The directory in a `SLUICE_TENANTS_FILE`, already parsed as JSON.
 * @throws OperatorMustFix listing every mistake with its place and value
 */
export const parseTenants = (json: unknown): TenantDirectory => {
  const parsed = z.array(tenantSchema).min(1, 'must list at least one tenant').readonly().safeParse(json);
  const shape = parsed.success ? [] : parsed.error.issues.map((issue) => describe(issue, json));
  const mistakes = [...shape, ...claimedTwice(json)];
  if (parsed.success && mistakes.length === 0) return { tenants: parsed.data };
  const list = mistakes.map((mistake) => `\n- ${mistake}`).join('');
  throw new OperatorMustFix(
    `The tenant directory has ${mistakes.length === 1 ? 'a mistake' : `${mistakes.length} mistakes`}:${list}\n` +
      'Correct the file that SLUICE_TENANTS_FILE names, for example [{ "id": "aurora", "users": ["uuid"] }].',
  );
};

const describe = (issue: z.core.$ZodIssue, json: unknown): string => {
  const place = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    '',
  );
  const value = issue.path.reduce<unknown>((at, key) => (isRecord(at) ? at[String(key)] : undefined), json);
  if (issue.code === 'unrecognized_keys')
    return `${place || '(file)'}: unknown ${issue.keys.map((key) => `"${key}"`).join(', ')}`;
  const shown = value === undefined ? 'nothing' : (JSON.stringify(value) ?? typeof value);
  return `${place || '(file)'}: ${issue.message}; got ${shown.length > 80 ? `${shown.slice(0, 80)}…` : shown}`;
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** Values claimed by two tenants. Searched in the raw file, so that they are reported together with mistakes of form. */
const claimedTwice = (json: unknown): readonly string[] => {
  if (!Array.isArray(json)) return [];
  const mistakes: string[] = [];
  const owners = new Map<string, string>();
  const claim = (list: string, value: unknown, place: string, tenant: number): void => {
    if (typeof value !== 'string' || value.trim() === '') return;
    const key = `${list} ${value.trim().toLowerCase()}`;
    const first = owners.get(key);
    const sameTenant = first?.startsWith(`[${tenant}].`) ?? false;
    if (first === undefined) owners.set(key, place);
    else if (list === 'id' || !sameTenant)
      mistakes.push(`${place}: "${value}" is also ${first}; it can belong to one tenant only`);
  };
  json.forEach((entry: unknown, at) => {
    if (!isRecord(entry)) return;
    claim('id', entry['id'], `[${at}].id`, at);
    for (const list of lists) {
      const values = entry[list];
      if (Array.isArray(values))
        values.forEach((value, i) => {
          claim(list, value, `[${at}].${list}[${i}]`, at);
        });
    }
  });
  return mistakes;
};

/** Attributes by a directory. */
export const attributeTo = (directory: TenantDirectory): Attribute => {
  const organizations = ownersOf(directory, 'organizations');
  const users = ownersOf(directory, 'users');
  const emails = ownersOf(directory, 'emails');
  const domains = ownersOf(directory, 'emailDomains');
  const ofIndex = indexOwners(directory);
  return (evidence) => {
    let answer = ofIndex(evidence.index);
    const agree = (owner: string | undefined): void => {
      if (owner === undefined || owner === answer) return;
      answer = answer === undefined ? owner : unattributed;
    };
    for (const organization of evidence.organizations) agree(organizations.get(organization.toLowerCase()));
    for (const user of evidence.users) agree(users.get(user.toLowerCase()));
    for (const email of evidence.emails) {
      const address = email.toLowerCase();
      agree(emails.get(address));
      agree(domains.get(address.slice(address.lastIndexOf('@') + 1)));
    }
    return answer ?? unattributed;
  };
};

/** A value that two tenants claim has no owner. A file cannot hold such a value, but a file and records together can. */
const ownersOf = (
  directory: TenantDirectory,
  list: 'organizations' | 'users' | 'emails' | 'emailDomains',
): ReadonlyMap<string, string> => {
  const owners = new Map<string, string>();
  for (const { id, [list]: values } of directory.tenants)
    for (const value of values) {
      const key = value.toLowerCase();
      const owner = owners.get(key) ?? id;
      owners.set(key, owner === id ? id : unattributed);
    }
  return owners;
};

/** Indices are few and repeat: each is matched against the patterns once. An index that matches patterns of two tenants has no owner. */
const indexOwners = (directory: TenantDirectory): ((index: string) => string | undefined) => {
  const patterns = directory.tenants.flatMap((tenant) =>
    tenant.indices.map((pattern) => ({ id: tenant.id, matches: wildcard(pattern) })),
  );
  if (patterns.length === 0) return () => undefined;
  const known = new Map<string, string | undefined>();
  return (index) => {
    if (known.has(index)) return known.get(index);
    const stream = streamOf(index);
    const matching = patterns.filter((pattern) => pattern.matches(index) || pattern.matches(stream));
    const owners = new Set(matching.map((pattern) => pattern.id));
    const [owner] = owners;
    const answer = owners.size > 1 ? unattributed : owner;
    if (known.size < 10_000) known.set(index, answer);
    return answer;
  };
};

/** `*` stands for any text. Not a regular expression, because one with many stars could take for ever. */
const wildcard = (pattern: string): ((text: string) => boolean) => {
  const [head = '', ...rest] = pattern.split('*');
  const tail = rest.pop();
  if (tail === undefined) return (text) => text === head;
  return (text) => {
    if (!text.startsWith(head) || text.length < head.length + tail.length || !text.endsWith(tail)) return false;
    let from = head.length;
    for (const part of rest) {
      const at = text.indexOf(part, from);
      if (at === -1 || at + part.length > text.length - tail.length) return false;
      from = at + part.length;
    }
    return from <= text.length - tail.length;
  };
};

/** Every event belongs to one tenant: the source is that tenant's own log. */
export const attributeAll =
  (tenantId: string): Attribute =>
  () =>
    tenantId;

/** No tenant is known: every event is unattributed, and only an operator receives it. */
export const attributeNone: Attribute = () => unattributed;
