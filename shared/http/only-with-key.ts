import type { MiddlewareHandler } from 'hono';
import { type ApiKey, mayUse, type Scope } from '../core/api-key.ts';
import { problem } from '../core/problem.ts';
import type { VerifyApiKey } from '../flows/api-keys.ts';
import { answerProblem } from './answer-problem.ts';

/** What a route behind `onlyWithKey` knows. */
export interface WithKey {
  readonly Variables: { readonly key: ApiKey };
}

/** Lets a request through that carries a valid key with this scope, as `Authorization: Bearer` or as `X-Api-Key`. */
export const onlyWithKey =
  (verify: VerifyApiKey, scope: Scope): MiddlewareHandler<WithKey> =>
  async (context, next) => {
    const text = presentedKey(context.req.header('Authorization'), context.req.header('X-Api-Key'));
    if (text === undefined)
      return answerProblem(context, problem('unauthenticated', 'Send an API key: Authorization: Bearer sluice_…'));
    const key = await verify(text);
    if (!key) return answerProblem(context, problem('unauthenticated', 'The API key is unknown or was revoked.'));
    if (!mayUse(key, scope))
      return answerProblem(context, problem('forbidden', `API key ${key.id} lacks the scope ${scope}.`));
    context.set('key', key);
    await next();
  };

const presentedKey = (authorization: string | undefined, apiKey: string | undefined): string | undefined => {
  const [, bearer] = /^Bearer +(\S+)$/i.exec(authorization?.trim() ?? '') ?? [];
  return bearer ?? apiKey?.trim();
};
