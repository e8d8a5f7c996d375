import type { Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { type HttpDeps, httpApp } from '../../shared/http/http-app.ts';

/** One HTTP request of API Gateway (payload 2.0), answered by the same app that `sluice start` serves. */
export const queryHandler = (ready: Promise<HttpDeps>) => {
  const answer = ready.then((deps) => handle(httpApp(deps)));
  return async (event: LambdaEvent, context: Context) => (await answer)(event, context);
};
