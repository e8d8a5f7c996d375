import type { Hono } from 'hono';
import type { AnswerLimits } from '../flows/answer-query.ts';
import type { RecordStore } from '../ports/record-store.ts';
import type { Secrets } from '../ports/secrets.ts';
import { countRoutes } from './count-routes.ts';
import { type EventRoutesDeps, eventRoutes } from './event-routes.ts';
import { exportRoute } from './export-route.ts';
import { frame } from './frame.ts';
import { keysPath, keysRoute } from './keys-route.ts';
import { onlyMethods } from './only-methods.ts';
import { keyGate, type OnlyWithKey } from './only-with-key.ts';
import { sealFrom } from './seal-from.ts';

export interface EventDeps extends Omit<EventRoutesDeps, 'seal' | 'limits'> {
  readonly records: RecordStore;
  /** For `rootKey`, under which cursors are sealed, and whose public keys are served. */
  readonly secrets: Secrets;
  readonly limits?: Partial<AnswerLimits>;
}

/** The part of the API that reads the source: what the query function answers. */
export const eventsApp = (deps: EventDeps): Hono => {
  const app = frame(deps);
  mountEvents(app, deps, keyGate(deps));
  return app;
};

/** Answers questions for holders of the scope `events:read`, and the public signing keys for anybody. */
export const mountEvents = (app: Hono, deps: EventDeps, onlyWithKey: OnlyWithKey): void => {
  app.get(keysPath, keysRoute(deps.secrets));
  const events = { ...deps, seal: sealFrom(deps.secrets) };
  const mayRead = onlyWithKey('events:read');
  app.route('/v1', countRoutes(events, mayRead));
  app.route('/v1', exportRoute(events, mayRead));
  app.route('/v1/events', eventRoutes(events, mayRead));
  app.all('/v1/events/search', onlyMethods(['POST']));
  const readOnly = [keysPath, '/v1/actions', '/v1/fields', '/v1/events', '/v1/events/*'];
  for (const path of readOnly) app.all(path, onlyMethods(['GET']));
};
