import { hash, timingSafeEqual } from 'node:crypto';
import { everyTenant, tenantIdShape } from './event.ts';

/** What a key may do. `subscriptions:write` includes `subscriptions:read`, `operator` includes all others. */
export const scopes = ['events:read', 'subscriptions:read', 'subscriptions:write', 'keys:write', 'operator'] as const;
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
  /** Id of the key that made it, or `operator`. */
  readonly createdBy?: string;
  /** From this moment on the key is refused. */
  readonly expiresAt?: string;
  readonly revokedAt?: string;
  /** The change that was made last, see `auditedWrite`. */
  readonly lastChange?: string;
  /** SHA-256 of the secret, 43 base64url characters. The secret has 256 random bits: it cannot be guessed, so no slow hash is needed. */
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

/** Whether this secret belongs to this key, compared in constant time. */
export const isSecretOf = (key: ApiKey, secret: string): boolean => {
  const stored = Buffer.from(key.secretHash);
  const given = Buffer.from(secretHash(secret));
  return stored.length === given.length && timingSafeEqual(stored, given);
};

export const mayUse = ({ scopes: had }: Pick<ApiKey, 'scopes'>, scope: Scope): boolean =>
  had.includes(scope) ||
  had.includes('operator') ||
  (scope === 'subscriptions:read' && had.includes('subscriptions:write'));

/** Whether the key may be used, and if not, why. */
export const keyState = (
  { expiresAt, revokedAt }: Pick<ApiKey, 'expiresAt' | 'revokedAt'>,
  nowMs: number,
): 'active' | 'expired' | 'revoked' => {
  if (revokedAt !== undefined) return 'revoked';
  return expiresAt !== undefined && Date.parse(expiresAt) <= nowMs ? 'expired' : 'active';
};

/** When that was, epoch ms; `undefined` while it is active. */
export const endedAtMs = (key: Pick<ApiKey, 'expiresAt' | 'revokedAt'>, nowMs: number): number | undefined => {
  if (keyState(key, nowMs) === 'active') return undefined;
  return Math.min(...[key.revokedAt, key.expiresAt].filter((at) => at !== undefined).map((at) => Date.parse(at)));
};

export const isScope = (text: string): text is Scope => scopes.some((scope) => scope === text);

/** A tenant id, or `*`. */
export const isKeyTenant = (text: string): boolean => text === everyTenant || tenantIdShape.test(text);
