import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { lookAfterChanges } from '../../shared/flows/manage/look-after-changes.ts';
import { type ManageAppDeps, manageApp } from '../../shared/http/manage-app.ts';

/** What the hourly schedule sends. */
export interface HourlyTick {
  readonly task: 'look after changes';
}

/**
 * One HTTP request of API Gateway (payload 2.0), answered by the same routes that `sluice start` serves; or the hourly tick, on which calls
 * that died are finished.
 */
export const manageHandler = (ready: Promise<ManageAppDeps>) => {
  const answer = ready.then((deps) => handle(manageApp(deps)));
  return async (event: APIGatewayProxyEventV2 | HourlyTick, context: Context) => {
    if ('task' in event) return lookAfterChanges(await ready);
    // Hono asks for fields that the gateway leaves out of a request without a body or an authorizer, and does not read them.
    return (await answer)(event as unknown as LambdaEvent, context);
  };
};
