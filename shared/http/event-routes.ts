import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { BadParameters } from '../core/bad-parameters.ts';
import type { CursorSeal } from '../core/cursor-seal.ts';
import { type Format, readEventQuery } from '../core/event-query.ts';
import type { WrittenFilter } from '../core/filter-parse.ts';
import { problem } from '../core/problem.ts';
import type { ReadHit } from '../core/reading/read-hit.ts';
import { answerQuery, type QueryDeps } from '../flows/answer-query.ts';
import { findEvent } from '../flows/find-event.ts';
import { answerProblem } from './answer-problem.ts';
import type { WithKey } from './only-with-key.ts';

export interface EventRoutesDeps extends Omit<QueryDeps, 'seal' | 'read'> {
  /** By the tenants as they are when the request comes. */
  readonly reader: () => Promise<ReadHit>;
  readonly seal: () => Promise<CursorSeal>;
}

/** `GET /` answers a question, `GET /{id}` gives one event; both for the tenant of the key alone. */
export const eventRoutes = (deps: EventRoutesDeps, mayRead: MiddlewareHandler<WithKey>): Hono<WithKey> => {
  const routes = new Hono<WithKey>();
  routes.get('/', mayRead, async (context) => {
    const { tenant } = context.get('key');
    const seal = await deps.seal();
    const parameters = new URL(context.req.url).searchParams;
    const { format = acceptedFormat(context), ...query } = readEventQuery(valuesOf(parameters), {
      nowMs: deps.clock.nowMs(),
      asOf: (cursor) => seal.open(tenant, cursor).asOfMs,
    });
    const { events, next } = await answerQuery({ ...deps, read: await deps.reader(), seal }, { tenant, ...query });
    if (next !== undefined) {
      parameters.set('cursor', next);
      // Relative to this very URL, so it is right behind every proxy and stage path.
      context.header('Link', `<?${parameters}>; rel="next"`);
      context.header('Sluice-Next', next);
    }
    if (format === 'json') return context.json(next === undefined ? { events } : { events, next });
    context.header('Content-Type', 'application/x-ndjson');
    return context.body(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  });
  // An `_id` may hold slashes, whether or not the caller wrote them as %2F.
  routes.get('/:id{.+}', mayRead, async (context) => {
    const { tenant } = context.get('key');
    refuseParameters(new URL(context.req.url).searchParams);
    const event = await findEvent({ ...deps, read: await deps.reader() }, { tenant, id: context.req.param('id') });
    if (event) return context.json(event);
    return answerProblem(
      context,
      problem('not-found', 'No event of yours has this id. Take event.id as it was answered, URL-encoded.'),
    );
  });
  return routes;
};

const acceptedFormat = (context: Context): Format => {
  const supports = ['application/json', 'application/x-ndjson'];
  const type = accepts(context, { header: 'Accept', supports, default: 'application/json' });
  return type === 'application/x-ndjson' ? 'ndjson' : 'json';
};

/** Every parameter with all its values; own properties only, whatever the names are. */
const valuesOf = (parameters: URLSearchParams): WrittenFilter =>
  Object.fromEntries([...parameters.keys()].map((name) => [name, parameters.getAll(name)]));

const refuseParameters = (parameters: URLSearchParams): void => {
  const [first, ...others] = [...parameters.keys()].map((field) => ({
    field: field.slice(0, 60),
    detail: 'is not a parameter of this. Leave it out.',
  }));
  if (first) throw new BadParameters([first, ...others]);
};
