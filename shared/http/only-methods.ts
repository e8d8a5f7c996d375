import type { MiddlewareHandler } from 'hono';
import { problem } from '../core/problem.ts';
import { answerProblem } from './answer-problem.ts';

/** Mount it after the routes of a path: a request that reaches it has a method that none of them takes. @see RFC 9110 section 15.5.6 */
export const onlyMethods = (methods: readonly string[]): MiddlewareHandler => {
  const names = methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]));
  const allowed = names.join(', ');
  return async (context, next) => {
    // The method is allowed, so the route itself passed the request on: nothing is there.
    if (names.includes(context.req.method)) return next();
    context.header('Allow', allowed);
    return answerProblem(context, problem('method-not-allowed', `Here one can ${allowed}.`));
  };
};
