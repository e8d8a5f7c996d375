/** The HTTP API over fakes: a source of plain hits, two tenants and an operator with a key each. */
import type { Hono } from 'hono';
import type { Scope } from '../../shared/core/api-key.ts';
import type { Hit } from '../../shared/core/event.ts';
import type { ReadHit } from '../../shared/core/reading/read-hit.ts';
import { createApiKey } from '../../shared/flows/api-keys.ts';
import { type HttpDeps, httpApp } from '../../shared/http/http-app.ts';
import { type MemoryRecordStore, memoryRecordStore } from '../fakes/memory-record-store.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/memory-secrets.ts';
import { type MemorySource, memorySource } from '../fakes/memory-source.ts';
import { type RecordingClock, recordingClock } from '../fakes/recording-clock.ts';
import { plainRead } from './world.ts';

export interface HttpWorld {
  readonly app: Hono;
  readonly source: MemorySource;
  readonly records: MemoryRecordStore;
  readonly secrets: MemorySecrets;
  readonly clock: RecordingClock;
  readonly notices: readonly { readonly level: string; readonly message: string }[];
  /** A new key's text. */
  key(tenant: string, scopes?: readonly Scope[]): Promise<string>;
  /** Asks with a key of tenant `acme`, unless another or none (`''`) is given. */
  get(
    path: string,
    request?: { readonly key?: string; readonly headers?: Readonly<Record<string, string>> },
  ): Promise<Response>;
}

export const httpWorld = (
  options: { readonly hits?: readonly Hit[]; readonly read?: ReadHit; readonly limits?: HttpDeps['limits'] } = {},
): HttpWorld => {
  const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
  const source = memorySource({ id: 'closer', clock, hits: options.hits ?? [] });
  const records = memoryRecordStore();
  const secrets = memorySecrets({ rootKey: 'cm9vdCBrZXkgb2YgdGhlIHRlc3Rz' });
  const notices: { readonly level: string; readonly message: string }[] = [];
  const silent = () => {};
  const telemetry: HttpDeps['telemetry'] = {
    pullRun: silent,
    attempt: silent,
    deliverRun: silent,
    reconcileRun: silent,
    alert: silent,
    notice: (level, message) => {
      notices.push({ level, message });
    },
  };
  const app = httpApp({
    source,
    reader: async () => options.read ?? plainRead,
    records,
    secrets,
    clock,
    telemetry,
    ...(options.limits ? { limits: options.limits } : {}),
  });
  const key: HttpWorld['key'] = async (tenant, scopes = ['events:read']) =>
    (await createApiKey({ records, clock }, { tenant, scopes })).text;
  const usual = key('acme');
  return {
    app,
    source,
    records,
    secrets,
    clock,
    notices,
    key,
    get: async (path, request = {}) => {
      const presented = request.key ?? (await usual);
      const authorization = presented === '' ? {} : { authorization: `Bearer ${presented}` };
      return app.request(`https://api.example.com${path}`, { headers: { ...authorization, ...request.headers } });
    },
  };
};
