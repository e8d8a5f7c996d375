import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { accepts } from 'hono/accepts';
import { BadParameters } from '../core/bad-parameters.ts';
import type { CursorSeal } from '../core/cursor-seal.ts';
import { readEventQuery } from '../core/event-query.ts';
import type { WrittenFilter } from '../core/filter-parse.ts';
import { eventWriter, type Format, projected } from '../core/formats/write-events.ts';
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
    const {
      format = acceptedFormat(context),
      fields,
      ...query
    } = readEventQuery(valuesOf(parameters), {
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
    if (format === 'json') {
      const shown = events.map(projected(fields));
      return context.json(next === undefined ? { events: shown } : { events: shown, next });
    }
    const writer = eventWriter(format, fields);
    context.header('Content-Type', writer.contentType);
    // The pages of one table, put together, are one table.
    const head = query.cursor === undefined ? writer.head : '';
    return context.body(head + events.map(writer.line).join(''));
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

const mediaTypes: Readonly<Record<string, Format>> = {
  'application/json': 'json',
  'application/x-ndjson': 'ndjson',
  'text/csv': 'csv',
};

const acceptedFormat = (context: Context): Format => {
  const supports = Object.keys(mediaTypes);
  return mediaTypes[accepts(context, { header: 'Accept', supports, default: 'application/json' })] ?? 'json';
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
