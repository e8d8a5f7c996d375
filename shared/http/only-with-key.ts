import { hash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { type ApiKey, mayUse, type Scope } from '../core/api-key.ts';
import { problem } from '../core/problem.ts';
import { type ApiKeyDeps, apiKeyVerifier } from '../flows/api-keys.ts';
import { answerProblem } from './answer-problem.ts';
import { addressQuota, keyQuota, rateLimit } from './rate-limits.ts';
import { sourceAddress } from './source-address.ts';

/** What a route behind a key knows. */
export interface WithKey {
  readonly Variables: { readonly key: ApiKey };
}

/** Lets a request through that carries a valid key with one of these scopes, as `Authorization: Bearer` or as `X-Api-Key`. */
export type OnlyWithKey = (...scopes: readonly [Scope, ...Scope[]]) => MiddlewareHandler<WithKey>;

/**
 * How many valid keys are remembered. They are let in even if the quota of their address is used up by others who guess: behind a proxy all
 * callers have one address.
 */
const mostRemembered = 1_000;

/**
 * Each key has its own quota. Requests without a valid key share the quota of their address; once it is used up, unknown keys are not even
 * looked up. Make one gate per app, because it remembers keys and quotas.
 */
export const keyGate = (deps: ApiKeyDeps): OnlyWithKey => {
  const verify = apiKeyVerifier(deps);
  const ofKey = rateLimit(keyQuota, deps.clock);
  const ofAddress = rateLimit(addressQuota, deps.clock);
  const wereRight = new Set<string>();
  const remember = (fingerprint: string): void => {
    wereRight.delete(fingerprint);
    wereRight.add(fingerprint);
    const oldest = wereRight.keys().next();
    if (wereRight.size > mostRemembered && !oldest.done) wereRight.delete(oldest.value);
  };
  const refuse = (context: Context, detail: string): Response =>
    answerProblem(context, ofAddress.take(context, sourceAddress(context)) ?? problem('unauthenticated', detail));

  return (...scopes) =>
    async (context, next) => {
      const text = presentedKey(context.req.header('Authorization'), context.req.header('X-Api-Key'));
      if (text === undefined) return refuse(context, 'Send an API key: Authorization: Bearer sluice_…');
      const fingerprint = hash('sha256', text, 'base64url');
      if (!wereRight.has(fingerprint) && ofAddress.isUsedUp(sourceAddress(context)))
        return refuse(context, 'The API key is unknown, has expired or was revoked.');
      const key = await verify(text);
      if (!key) {
        wereRight.delete(fingerprint);
        return refuse(context, 'The API key is unknown, has expired or was revoked.');
      }
      remember(fingerprint);
      const tooMany = ofKey.take(context, key.id);
      if (tooMany) return answerProblem(context, tooMany);
      if (!scopes.some((scope) => mayUse(key, scope)))
        return answerProblem(
          context,
          problem('forbidden', `API key ${key.id} lacks the scope ${scopes.join(' or ')}.`),
        );
      context.set('key', key);
      await next();
    };
};

const presentedKey = (authorization: string | undefined, apiKey: string | undefined): string | undefined => {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '') ?? [];
  return bearer ?? apiKey?.trim();
};
