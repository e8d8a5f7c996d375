import type { Hono } from 'hono';
import { type EventDeps, mountEvents } from './events-app.ts';
import { frame } from './frame.ts';
import { type ManageAppDeps, mountManage } from './manage-app.ts';
import { keyGate } from './only-with-key.ts';

export type HttpDeps = EventDeps & ManageAppDeps;

/** The whole HTTP API, as one machine serves it; on Lambda it is divided between the functions `query` and `manage`. */
export const httpApp = (deps: HttpDeps): Hono => {
  const app = frame(deps);
  const onlyWithKey = keyGate(deps);
  mountEvents(app, deps, onlyWithKey);
  mountManage(app, deps, onlyWithKey);
  return app;
};
