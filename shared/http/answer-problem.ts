import type { Context } from 'hono';
import type { Problem } from '../core/problem.ts';

/** Seconds after which a caller may repeat a request that could not be answered. */
const retryAfterSeconds = '5';

/** Answers with a problem document, and with the headers that its status asks for. @see RFC 9110 sections 10.2.3 and 11.6.1 */
export const answerProblem = (context: Context, problem: Problem): Response => {
  if (problem.status === 401) context.header('WWW-Authenticate', 'Bearer realm="sluice"');
  if (problem.status === 503) context.header('Retry-After', retryAfterSeconds);
  context.header('Content-Type', 'application/problem+json');
  context.status(problem.status);
  return context.body(`${JSON.stringify(problem)}\n`);
};
