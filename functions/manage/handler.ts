import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { type ManageAppDeps, manageApp } from '../../shared/http/manage-app.ts';

/** One HTTP request of API Gateway (payload 2.0), answered by the same routes that `sluice start` serves. */
export const manageHandler = (ready: Promise<ManageAppDeps>) => {
  const answer = ready.then((deps) => handle(manageApp(deps)));
  return async (event: APIGatewayProxyEventV2, context: Context) =>
    // Hono asks for fields that the gateway leaves out of a request without a body or an authorizer, and does not read them.
    (await answer)(event as unknown as LambdaEvent, context);
};
