import { RetryLater } from '../../core/errors.ts';
import type { Answer } from './answer.ts';
import type { AuditDeps } from './audit-journal.ts';
import type { Caller } from './caller.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';

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
 * Its text is in this answer and nowhere else.
 * @returns `refused` `not allowed`: a scope that the caller does not have, or another tenant
 * @throws BadBody
 */
export const createKey = async (
  _deps: AuditDeps,
  _caller: Caller,
  _wish: KeyWish,
): Promise<Answer<{ readonly key: KeyView; readonly text: string }>> => {
  throw new RetryLater('Not built yet.');
};

/** Revoked and expired ones too, by id. */
export const listKeys = async (_deps: AuditDeps, _caller: Caller, _options: PageOptions): Promise<Page<KeyView>> => {
  throw new RetryLater('Not built yet.');
};

/** From now on nobody is let in with it; whoever verified it a moment ago notices within a minute. Revoking it again changes nothing. */
export const revokeKey = async (_deps: AuditDeps, _caller: Caller, _id: string): Promise<Answer<KeyView>> => {
  throw new RetryLater('Not built yet.');
};
