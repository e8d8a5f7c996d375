import { Hono, type MiddlewareHandler } from 'hono';
import { messageOf } from '../core/errors.ts';
import { problem, problemOf } from '../core/problem.ts';
import type { AnswerLimits, QueryDeps } from '../flows/answer-query.ts';
import { apiKeyVerifier } from '../flows/api-keys.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { answerProblem } from './answer-problem.ts';
import { eventRoutes } from './event-routes.ts';
import { keysPath, keysRoute } from './keys-route.ts';
import { onlyWithKey } from './only-with-key.ts';
import { sealFrom } from './seal-from.ts';

export interface HttpDeps extends Omit<QueryDeps, 'seal' | 'limits'> {
  readonly records: RecordStore;
  /** For `rootKey`, under which cursors are sealed, and whose public keys are served. */
  readonly secrets: Secrets;
  readonly telemetry: Telemetry;
  readonly limits?: Partial<AnswerLimits>;
}

/** Longer questions are refused: 100 values of every kind fit, and gateways cut at about the same length. */
const maxUrlLength = 8_192;

/**
 * The HTTP API, for a Lambda and for one machine alike.
 *
 * `GET /v1/events`, `GET /v1/events/{id}` (scope `events:read`). Without a key: `GET /.well-known/sluice-keys.json`, which anybody may have,
 * and `GET /healthz`, which tells only that the process answers. Every mistake is answered with a problem document; answers are never to
 * be cached, but for the keys.
 */
export const httpApp = (deps: HttpDeps): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
    if (context.req.url.length > maxUrlLength)
      return answerProblem(context, problem('query-too-long', `Ask with a URL of at most ${maxUrlLength} characters.`));
    await next();
  });
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get(keysPath, keysRoute(deps.secrets));
  const mayRead = onlyWithKey(apiKeyVerifier(deps), 'events:read');
  app.route('/v1/events', eventRoutes({ ...deps, seal: sealFrom(deps.secrets) }, mayRead));
  for (const path of ['/healthz', keysPath, '/v1/events', '/v1/events/*']) app.all(path, onlyGet);
  app.notFound((context) => answerProblem(context, problem('not-found', 'The API is at /v1/events.')));
  app.onError((error, context) => {
    const answer = problemOf(error);
    if (answer.status >= 500)
      deps.telemetry.notice(answer.status === 503 ? 'warn' : 'error', messageOf(error), {
        path: context.req.routePath,
      });
    return answerProblem(context, answer);
  });
  return app;
};

const onlyGet: MiddlewareHandler = async (context, next) => {
  if (context.req.method === 'GET' || context.req.method === 'HEAD') return next();
  context.header('Allow', 'GET, HEAD');
  return answerProblem(context, problem('method-not-allowed', 'Events are read with GET, and cannot be changed.'));
};
