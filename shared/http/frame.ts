import { Hono } from 'hono';
import { messageOf } from '../core/errors.ts';
import { problem, problemOf } from '../core/problem.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { answerProblem } from './answer-problem.ts';

/** Longer questions are refused: 100 values of every kind fit, and gateways cut at about the same length. */
const maxUrlLength = 8_192;

/**
 * What every answer has in common. Nothing may be cached unless a route says so; every error is a problem document; the cause of an error
 * of ours goes to the log, not to the caller.
 */
export const frame = ({ telemetry }: { readonly telemetry: Telemetry }): Hono => {
  const app = new Hono();
  app.use(async (context, next) => {
    context.header('Cache-Control', 'no-store');
    context.header('X-Content-Type-Options', 'nosniff');
    if (context.req.url.length > maxUrlLength)
      return answerProblem(context, problem('query-too-long', `Ask with a URL of at most ${maxUrlLength} characters.`));
    await next();
  });
  app.notFound((context) =>
    answerProblem(context, problem('not-found', 'The API is at /v1; /openapi.json describes it.')),
  );
  app.onError((error, context) => {
    const answer = problemOf(error);
    if (answer.status >= 500)
      telemetry.notice(answer.status === 503 ? 'warn' : 'error', messageOf(error), { path: context.req.routePath });
    return answerProblem(context, answer);
  });
  return app;
};
