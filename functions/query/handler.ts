import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { type EventDeps, eventsApp } from '../../shared/http/events-app.ts';

export type QueryFunctionDeps = Omit<EventDeps, 'answers'>;

/** One HTTP request of API Gateway (payload 2.0), answered by the same app that `sluice start` serves. */
export const queryHandler = (ready: Promise<QueryFunctionDeps>) => {
  const answer = ready.then((deps) => handle(eventsApp({ ...deps, answers: 'whole' })));
  return async (event: APIGatewayProxyEventV2, context: Context) =>
    // Hono asks for fields that the gateway leaves out of a request without a body or an authorizer, and does not read them.
    (await answer)(event as unknown as LambdaEvent, context);
};
