import type { Hono } from 'hono';
import type { AnswerLimits } from '../flows/answer-query.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { Telemetry } from '../ports/telemetry.ts';
import { type EventRoutesDeps, eventRoutes } from './event-routes.ts';
import { frame } from './frame.ts';
import { keysPath, keysRoute } from './keys-route.ts';
import { onlyMethods } from './only-methods.ts';
import { keyGate, type OnlyWithKey } from './only-with-key.ts';
import { sealFrom } from './seal-from.ts';

export interface EventDeps extends Omit<EventRoutesDeps, 'seal' | 'limits'> {
  readonly records: RecordStore;
  /** For `rootKey`, under which cursors are sealed, and whose public keys are served. */
  readonly secrets: Secrets;
  readonly telemetry: Telemetry;
  readonly limits?: Partial<AnswerLimits>;
}

/** The part of the API that reads the source: what the query function answers. */
export const eventsApp = (deps: EventDeps): Hono => {
  const app = frame(deps);
  mountEvents(app, deps, keyGate(deps));
  return app;
};

/** Questions for whoever has the scope `events:read`; the public signing keys, and that the process answers, for anybody. */
export const mountEvents = (app: Hono, deps: EventDeps, onlyWithKey: OnlyWithKey): void => {
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get(keysPath, keysRoute(deps.secrets));
  app.route('/v1/events', eventRoutes({ ...deps, seal: sealFrom(deps.secrets) }, onlyWithKey('events:read')));
  for (const path of ['/healthz', keysPath, '/v1/events', '/v1/events/*']) app.all(path, onlyMethods(['GET']));
};
