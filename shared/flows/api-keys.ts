import { hash, randomBytes } from 'node:crypto';
import {
  type ApiKey,
  apiKeyText,
  isKeyTenant,
  isScope,
  isSecretOf,
  keyState,
  parseApiKey,
  type Scope,
  scopes,
  secretHash,
} from '../core/api-key.ts';
import { BadParameters, type Mistake, shown } from '../core/bad-parameters.ts';
import { OperatorMustFix, RetryLater } from '../core/errors.ts';
import { everyTenant } from '../core/event.ts';
import { existingInstant } from '../core/existing-instant.ts';
import { msOf } from '../core/instant.ts';
import { plainText } from '../core/plain-text.ts';
import type { Clock } from '../ports/clock.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { keyUses } from './key-uses.ts';

export interface ApiKeyDeps {
  readonly records: RecordStore;
  readonly clock: Clock;
}

export interface ApiKeyWish {
  /** A tenant id, or `*` for an operator. */
  readonly tenant: string;
  /** At least one of `scopes`; `operator` only for tenant `*`. */
  readonly scopes: readonly string[];
  readonly name?: string;
  /** ISO 8601, in the future; absent: it does not expire. */
  readonly expiresAt?: string;
  /** Id of the key that makes it, or `operator`. */
  readonly createdBy?: string;
}

export const keyPartition = 'key';

export const keyTaken = (): RetryLater => new RetryLater('The id of a new API key was taken. Try again.');

export interface NewApiKey {
  readonly key: ApiKey;
  /** What its user sends. */
  readonly text: string;
}

/**
 * A key that is not stored yet.
 * @throws BadParameters with every mistake in the wish
 */
export const newApiKey = (wish: ApiKeyWish, nowMs: number): NewApiKey => {
  const [first, ...others] = mistakesIn(wish, nowMs);
  if (first) throw new BadParameters([first, ...others]);
  const { tenant, name, expiresAt, createdBy } = wish;
  const id = randomBytes(8).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  const key: ApiKey = {
    id,
    tenant,
    scopes: scopes.filter((scope) => wish.scopes.includes(scope)),
    ...(name !== undefined && { name }),
    createdAt: new Date(nowMs).toISOString(),
    ...(createdBy !== undefined && { createdBy }),
    ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt).toISOString() }),
    secretHash: secretHash(secret),
  };
  return { key, text: apiKeyText(id, secret) };
};

const mistakesIn = (wish: ApiKeyWish, nowMs: number): readonly Mistake[] => {
  const { tenant, scopes: wanted, name, expiresAt } = wish;
  const mistakes: Mistake[] = [];
  if (!isKeyTenant(tenant))
    mistakes.push({ field: 'tenant', detail: `must be a tenant id, or * for an operator; got ${shown(tenant)}.` });
  if (wanted.length === 0)
    mistakes.push({ field: 'scopes', detail: `must name at least one of ${scopes.join(', ')}.` });
  for (const scope of wanted)
    if (!isScope(scope))
      mistakes.push({ field: 'scopes', detail: `must be of ${scopes.join(', ')}; got ${shown(scope)}.` });
  if (wanted.includes('operator') && tenant !== everyTenant)
    mistakes.push({ field: 'scopes', detail: `operator is for keys of tenant * only; got ${shown(tenant)}.` });
  const read = name === undefined ? undefined : plainText(name, 100);
  if (read && 'wrong' in read) mistakes.push({ field: 'name', detail: `${read.wrong}; write what the key is for.` });
  if (expiresAt !== undefined && !isToCome(expiresAt, nowMs))
    mistakes.push({
      field: 'expiresAt',
      detail: `must be an instant in UTC that is still to come; got ${shown(expiresAt)}.`,
    });
  return mistakes;
};

const isToCome = (text: string, nowMs: number): boolean => {
  const instant = existingInstant(text);
  return instant !== undefined && msOf(instant) > nowMs;
};

/** The key behind a text, when it is one, is right, has not expired and is not revoked. */
export type VerifyApiKey = (text: string) => Promise<ApiKey | undefined>;

/**
 * Verifies keys against the store, remembering what was right for a minute (and never what was wrong): one read per key and minute. When a
 * key was used is noted now and then, beside the request: it never waits for that, and a note that is lost costs nothing.
 * @throws RetryLater when the store does not answer
 */
export const apiKeyVerifier = (
  { records, clock }: ApiKeyDeps,
  options = { rememberMs: 60_000, most: 1_000 },
): VerifyApiKey => {
  const remembered = new Map<string, { readonly key: ApiKey; readonly untilMs: number }>();
  const noteUse = keyUses({ records, clock });
  const inUse = (key: ApiKey): ApiKey | undefined => {
    if (keyState(key, clock.nowMs()) !== 'active') return undefined;
    noteUse(key.id);
    return key;
  };
  return async (text) => {
    const parts = parseApiKey(text);
    if (!parts) return undefined;
    const fingerprint = hash('sha256', text, 'base64url');
    const known = remembered.get(fingerprint);
    if (known && clock.nowMs() < known.untilMs) return inUse(known.key);
    remembered.delete(fingerprint);
    const record = await records.get(keyPartition, parts.id);
    const key = record && storedKey(parts.id, record.value);
    if (!key || keyState(key, clock.nowMs()) !== 'active' || !isSecretOf(key, parts.secret)) return undefined;
    const oldest = remembered.keys().next();
    if (remembered.size >= options.most && !oldest.done) remembered.delete(oldest.value);
    remembered.set(fingerprint, { key, untilMs: clock.nowMs() + options.rememberMs });
    return inUse(key);
  };
};

/** @throws OperatorMustFix when the record is none of a key */
export const storedKey = (id: string, value: unknown): ApiKey => {
  if (isStoredKey(id, value)) return value;
  throw new OperatorMustFix(
    `The record of API key ${id} cannot be read. Remove it, and make a new key with: npx sluice keys create`,
  );
};

/** Whether this is the value of a key's record. */
export const isStoredKey = (id: string, value: unknown): value is ApiKey => {
  const key = value as Partial<ApiKey> | null | undefined;
  return (
    typeof key === 'object' &&
    key?.id === id &&
    typeof key.tenant === 'string' &&
    isKeyTenant(key.tenant) &&
    Array.isArray(key.scopes) &&
    key.scopes.every((scope: Scope) => isScope(scope)) &&
    typeof key.secretHash === 'string'
  );
};
