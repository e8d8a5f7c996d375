import { Hono, type MiddlewareHandler } from 'hono';
import { actions, type CatalogueAction } from '../core/catalogue/actions.ts';
import { readHistogramQuery, readTopQuery } from '../core/count-query.ts';
import { BadRequest } from '../core/errors.ts';
import { fieldKind, knownFields } from '../core/question/fields.ts';
import { isObject } from '../core/written.ts';
import { countOverTime, topValues } from '../flows/count-events.ts';
import { answerQuestion } from './answer-question.ts';
import type { EventRoutesDeps } from './event-routes.ts';
import type { WithKey } from './only-with-key.ts';
import { readJson } from './read-body.ts';
import { smallBody } from './small-body.ts';
import { writtenParameters } from './written-parameters.ts';

/** `POST /events/search` answers a question that is too long for a URL, `GET /events/histogram` and `GET /events/top` count the events of a question; `GET /actions` and `GET /fields` say what can be asked for. */
export const countRoutes = (deps: EventRoutesDeps, mayRead: MiddlewareHandler<WithKey>): Hono<WithKey> => {
  const routes = new Hono<WithKey>();
  const ready = async () => ({ ...deps, read: await deps.reader(), seal: await deps.seal() });

  routes.post('/events/search', mayRead, smallBody, async (context) => {
    const written = readJson(new Uint8Array(await context.req.arrayBuffer()));
    if (!isObject(written)) throw new BadRequest('body', 'must be an object of the parameters of GET /v1/events.');
    return (await answerQuestion(context, deps, written)).response;
  });

  routes.get('/events/histogram', mayRead, async (context) => {
    const { tenant } = context.get('key');
    const { intervalSeconds, by, ...question } = readHistogramQuery(writtenParameters(context), {
      nowMs: deps.clock.nowMs(),
    });
    const wanted = { ...(intervalSeconds !== undefined && { intervalSeconds }), ...(by !== undefined && { by }) };
    return context.json(await countOverTime(await ready(), { tenant, ...question }, wanted));
  });

  routes.get('/events/top', mayRead, async (context) => {
    const { tenant } = context.get('key');
    const { field, size, ...question } = readTopQuery(writtenParameters(context), { nowMs: deps.clock.nowMs() });
    return context.json(await topValues(await ready(), { tenant, ...question }, { field, size }));
  });

  routes.get('/actions', mayRead, async (context) => {
    const { tenant } = context.get('key');
    const written = writtenParameters(context);
    const counts = new Map<string, number>();
    if (Object.keys(written).length > 0) {
      const { field, ...question } = readTopQuery({ ...written, field: 'event.action' }, { nowMs: deps.clock.nowMs() });
      const { values } = await topValues(await ready(), { tenant, ...question }, { field, size: mostActions });
      for (const { value, count } of values) counts.set(value, count);
    }
    return context.json({ actions: actions.map((action) => shownAction(action, counts)) });
  });

  routes.get('/fields', mayRead, (context) =>
    context.json({
      fields: knownFields.map((name) => ({ name, kind: fieldKind(name) })),
      open: ['labels.*', 'closer.*'],
    }),
  );
  return routes;
};

/** Enough for every action: unknown actions are counted too, although only known ones are listed. */
const mostActions = 10_000;

const shownAction = ({ action, description, ecs, ocsf }: CatalogueAction, counts: ReadonlyMap<string, number>) => ({
  action,
  description,
  ecs,
  ocsf: { class_uid: ocsf.class_uid, activity_id: ocsf.activity_id, type_uid: ocsf.type_uid },
  ...(counts.size > 0 && { count: counts.get(action) ?? 0 }),
});
