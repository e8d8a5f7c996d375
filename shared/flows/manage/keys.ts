import { type ApiKey, isScope, keyState, mayUse } from '../../core/api-key.ts';
import { BadBody, type BodyMistake } from '../../core/bad-body.ts';
import { BadParameters } from '../../core/bad-parameters.ts';
import { everyTenant } from '../../core/event.ts';
import { keyPartition, keyTaken, newApiKey, storedKey } from '../api-keys.ts';
import { lastUseOf } from '../key-uses.ts';
import { eachRecord, idAfter } from '../records/each-record.ts';
import { type Answer, done, notFound, refused } from './answer.ts';
import type { AuditDeps } from './audit-journal.ts';
import { auditedWrite } from './audited-write.ts';
import { type Caller, isOperator, sees } from './caller.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';
import { roomForKey } from './room-for-key.ts';

export interface KeyView {
  readonly id: string;
  readonly tenant: string;
  readonly scopes: readonly string[];
  readonly name?: string;
  readonly createdAt: string;
  readonly createdBy?: string;
  readonly expiresAt?: string;
  /** To within five minutes. */
  readonly lastUsedAt?: string;
  readonly revokedAt?: string;
  readonly state: 'active' | 'expired' | 'revoked';
}

export interface KeyWish {
  /** Of the caller when it is absent. */
  readonly tenant?: string;
  readonly scopes: readonly string[];
  readonly name?: string;
  /** ISO 8601; in the future. */
  readonly expiresAt?: string;
}

/**
 * Its text is in this answer and nowhere else. Nobody grants more than they have: a scope of their own, for their own tenant; an operator all.
 * @returns `refused` `not allowed`: a scope that the caller does not have, or another tenant; `too many`: the tenant has 100 in use
 * @throws BadBody
 */
export const createKey = async (
  deps: AuditDeps,
  caller: Caller,
  wish: KeyWish,
): Promise<Answer<{ readonly key: KeyView; readonly text: string }>> => {
  const { tenant = caller.tenant } = wish;
  const forbidden = beyondCaller(caller, { ...wish, tenant }) ?? (await outlivesCaller(deps, caller, wish));
  if (forbidden !== undefined) return refused('not allowed', forbidden);
  const { key, text } = made({ ...wish, tenant, createdBy: caller.by }, deps.clock.nowMs());
  const full = await roomForKey(deps, tenant);
  if (full) return full;
  const record = { partition: keyPartition, id: key.id, value: key };
  const reason = `scopes ${key.scopes.join(', ')}`;
  const change = { action: 'key-created', tenant, id: key.id, by: caller.by, reason } as const;
  // Read before the key is written: a failure afterwards would hide a key that cannot be shown again.
  const view = await viewOf(deps, key);
  if ((await auditedWrite(deps, record, 0, change)) === 'conflict') throw keyTaken();
  return done({ key: view, text });
};

const beyondCaller = (
  caller: Caller,
  { tenant, scopes }: KeyWish & { readonly tenant: string },
): string | undefined => {
  if (!sees(caller, tenant)) return 'A key makes keys of its own tenant only. Leave tenant out.';
  const more = scopes.filter((scope) => isScope(scope) && !mayUse(caller, scope));
  if (more.length > 0) return `A key gives no scope that it lacks itself: ${more.join(', ')}.`;
  // A key that reads every tenant's events is more than one tenant's scopes.
  return tenant === everyTenant && !isOperator(caller) ? 'Only an operator makes keys of tenant *.' : undefined;
};

/** Otherwise whoever holds a key for a day could have one for ever. */
const outlivesCaller = async (
  { records }: AuditDeps,
  { by }: Caller,
  { expiresAt }: KeyWish,
): Promise<string | undefined> => {
  const record = await records.get(keyPartition, by);
  const own = record && storedKey(by, record.value);
  // Whoever verified it a minute ago still lets it in.
  if (own?.revokedAt !== undefined) return 'A key that is revoked makes no key. Ask with another one.';
  const end = own?.expiresAt;
  if (end === undefined || (expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(end))) return undefined;
  return `A key makes no key that outlives it. Write an expiresAt not after ${end}.`;
};

const made = (wish: Parameters<typeof newApiKey>[0], nowMs: number): ReturnType<typeof newApiKey> => {
  try {
    return newApiKey(wish, nowMs);
  } catch (error) {
    if (!(error instanceof BadParameters)) throw error;
    const [first, ...others] = error.mistakes.map(({ field, detail }): BodyMistake => ({ path: [field], detail }));
    if (!first) throw error;
    throw new BadBody([first, ...others]);
  }
};

const pageSize = 200;

/** Revoked and expired ones too, by id. */
export const listKeys = async (
  deps: AuditDeps,
  caller: Caller,
  { after = '', limit }: PageOptions,
): Promise<Page<KeyView>> => {
  const found: ApiKey[] = [];
  for await (const { id, value } of eachRecord(deps.records, keyPartition, { from: idAfter(after), pageSize })) {
    const key = storedKey(id, value);
    if (sees(caller, key.tenant)) found.push(key);
    if (found.length > limit) break;
  }
  const items = await Promise.all(found.slice(0, limit).map((key) => viewOf(deps, key)));
  const last = items.at(-1);
  return found.length > limit && last ? { items, next: last.id } : { items };
};

const mostTries = 3;

/** From now on nobody is let in with it; whoever verified it a moment ago notices within a minute. Revoking it again changes nothing. */
export const revokeKey = async (deps: AuditDeps, caller: Caller, id: string): Promise<Answer<KeyView>> => {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const record = await deps.records.get(keyPartition, id);
    const key = record && storedKey(id, record.value);
    if (!key || !sees(caller, key.tenant)) return notFound;
    if (key.revokedAt !== undefined) return done(await viewOf(deps, key));
    const value: ApiKey = { ...key, revokedAt: new Date(deps.clock.nowMs()).toISOString() };
    const change = { action: 'key-revoked', tenant: key.tenant, id, by: caller.by } as const;
    const view = await viewOf(deps, value);
    const written = await auditedWrite(deps, { partition: keyPartition, id, value }, record.version, change);
    if (written === 'stored') return done(view);
  }
  throw keyTaken();
};

const viewOf = async ({ records, clock }: AuditDeps, key: ApiKey): Promise<KeyView> => {
  const { secretHash: _, lastChange: __, ...shown } = key;
  const usedAtMs = await lastUseOf(records, key.id);
  return {
    ...shown,
    ...(usedAtMs !== undefined && { lastUsedAt: new Date(usedAtMs).toISOString() }),
    state: keyState(key, clock.nowMs()),
  };
};
