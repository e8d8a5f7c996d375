import { type Context, Hono, type MiddlewareHandler } from 'hono';
import type { CursorSeal } from '../core/cursor-seal.ts';
import { BadRequest } from '../core/errors.ts';
import { everyTenant } from '../core/event.ts';
import { problem } from '../core/problem.ts';
import type { ReadHit } from '../core/reading/read-hit.ts';
import type { QueryDeps } from '../flows/answer-query.ts';
import { eventAround } from '../flows/events-around.ts';
import { findEvent } from '../flows/find-event.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { answerProblem } from './answer-problem.ts';
import { answerQuestion } from './answer-question.ts';
import { evenTime } from './even-time.ts';
import type { WithKey } from './only-with-key.ts';
import { refuseOthers, valuesOf } from './written-parameters.ts';

export interface EventRoutesDeps extends Omit<QueryDeps, 'seal' | 'read'> {
  /** Makes a reader that attributes hits to the tenants as they are when the request comes. */
  readonly reader: () => Promise<ReadHit>;
  readonly seal: () => Promise<CursorSeal>;
  readonly telemetry: Telemetry;
  /** `whole`: the server in front passes an answer on only when it is complete, as Lambda behind an API gateway does. */
  readonly answers: 'streamed' | 'whole';
}

const mostAround = 50;

/** `GET /` answers a question, `GET /{id}` gives one event; both for the tenant of the key alone. */
export const eventRoutes = (deps: EventRoutesDeps, mayRead: MiddlewareHandler<WithKey>): Hono<WithKey> => {
  const routes = new Hono<WithKey>();
  routes.get('/', mayRead, async (context) => {
    const parameters = new URL(context.req.url).searchParams;
    const { response, next } = await answerQuestion(context, deps, valuesOf(parameters));
    if (next !== undefined) {
      parameters.set('cursor', next);
      // Relative to this very URL, so it is right behind every proxy and stage path.
      response.headers.set('Link', `<?${parameters}>; rel="next"`);
    }
    return response;
  });
  // An `_id` may hold slashes, whether or not the caller wrote them as %2F.
  routes.get('/:id{.+}', mayRead, async (context) => {
    const startedMs = deps.clock.nowMs();
    const { tenant } = context.get('key');
    const parameters = new URL(context.req.url).searchParams;
    refuseOthers(parameters, ['around']);
    const count = readAround(parameters.getAll('around'));
    const id = context.req.param('id');
    const ready = { ...deps, read: await deps.reader() };
    const found =
      count === undefined
        ? await findEvent(ready, { tenant, id })
        : await eventAround({ ...ready, seal: await deps.seal() }, { tenant, id, count });
    if (found) return context.json(found);
    if (tenant !== everyTenant) await evenTime(deps.clock, startedMs);
    return notFound(context);
  });
  return routes;
};

const notFound = (context: Context): Response =>
  answerProblem(
    context,
    problem('not-found', 'No event of yours has this id. Take event.id as it was answered, URL-encoded.'),
  );

const readAround = ([text, ...more]: readonly string[]): number | undefined => {
  if (text === undefined) return undefined;
  const count = /^\d{1,2}$/.test(text) && more.length === 0 ? Number(text) : 0;
  if (count >= 1 && count <= mostAround) return count;
  throw new BadRequest('around', `must be a whole number from 1 to ${mostAround}: that many events before and after.`);
};
