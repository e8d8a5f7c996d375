import { hash, timingSafeEqual } from 'node:crypto';
import { everyTenant, tenantIdShape } from './event.ts';

/** What a key may do. `operator` includes the others. */
export const scopes = ['events:read', 'subscriptions:write', 'operator'] as const;
export type Scope = (typeof scopes)[number];

/** A key as it is stored: never the key itself. */
export interface ApiKey {
  /** 16 hex digits; part of the key, fit for lists and logs. */
  readonly id: string;
  /** A tenant id, or `*`: an operator's key, which sees every event. */
  readonly tenant: string;
  readonly scopes: readonly Scope[];
  /** What it is for, in the words of whoever made it; at most 100 characters. */
  readonly name?: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly revokedAt?: string;
  /** SHA-256 of the secret, 43 base64url characters. The secret has 256 random bits: there is nothing to guess, so nothing to slow down. */
  readonly secretHash: string;
}

/** `sluice_<id>_<secret>`: the prefix lets scanners of leaked secrets find it, the id finds its record. */
export const apiKeyText = (id: string, secret: string): string => `sluice_${id}_${secret}`;

const shape = /^sluice_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;

export const parseApiKey = (text: string): { readonly id: string; readonly secret: string } | undefined => {
  const [, id, secret] = shape.exec(text) ?? [];
  return id === undefined || secret === undefined ? undefined : { id, secret };
};

export const secretHash = (secret: string): string => hash('sha256', secret, 'base64url');

/** Whether this secret belongs to this key, in a time that does not depend on how much of it is right. */
export const isSecretOf = (key: ApiKey, secret: string): boolean => {
  const stored = Buffer.from(key.secretHash);
  const given = Buffer.from(secretHash(secret));
  return stored.length === given.length && timingSafeEqual(stored, given);
};

export const mayUse = (key: ApiKey, scope: Scope): boolean =>
  key.scopes.includes(scope) || key.scopes.includes('operator');

export const isScope = (text: string): text is Scope => scopes.some((scope) => scope === text);

/** A tenant id, or `*`. */
export const isKeyTenant = (text: string): boolean => text === everyTenant || tenantIdShape.test(text);
