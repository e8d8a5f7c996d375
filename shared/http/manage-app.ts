import type { Hono } from 'hono';
import project from '../../package.json' with { type: 'json' };
import type { ManageDeps } from '../flows/manage/manage-deps.ts';
import type { TenantChangeDeps } from '../flows/tenants-directory-changes.ts';
import { frame } from './frame.ts';
import { mountOperations } from './mount-operation.ts';
import { keyGate, type OnlyWithKey } from './only-with-key.ts';
import { openApi } from './openapi.ts';
import type { Operation } from './operation.ts';
import { adminOperations } from './operations/admin-operations.ts';
import { callOperations } from './operations/call-operations.ts';
import { deliveryOperations } from './operations/delivery-operations.ts';
import { eventOperations } from './operations/event-operations.ts';
import { type PollOperationDeps, pollOperations } from './operations/poll-operations.ts';
import { publicOperations } from './operations/public-operations.ts';
import { subscriptionOperations } from './operations/subscription-operations.ts';
import { tenantOperations } from './operations/tenant-operations.ts';
import { mountPublic } from './public-routes.ts';

export type ManageAppDeps = ManageDeps & TenantChangeDeps & PollOperationDeps;

export const manageOperations: readonly Operation<ManageAppDeps>[] = [
  ...subscriptionOperations,
  ...callOperations,
  ...deliveryOperations,
  ...pollOperations,
  ...adminOperations,
  ...tenantOperations,
];

/** Every call of the API, whether the manage or the query function answers it. */
export const documentedOperations = [...manageOperations, ...publicOperations, ...eventOperations];

/** The part of the API that configures and shows: what the manage function answers. */
export const manageApp = (deps: ManageAppDeps): Hono => {
  const app = frame(deps);
  mountManage(app, deps, keyGate(deps));
  return app;
};

export const mountManage = (app: Hono, deps: ManageAppDeps, onlyWithKey: OnlyWithKey): void => {
  mountPublic(app, deps, () => openApi(documentedOperations, project.version));
  mountOperations(app, manageOperations, { deps, onlyWithKey });
};
