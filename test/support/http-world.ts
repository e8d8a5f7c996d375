/** The HTTP API over fakes: a source of plain hits, two tenants and an operator with a key each. */
import type { Hono } from 'hono';
import type { Scope } from '../../shared/core/api-key.ts';
import type { Hit } from '../../shared/core/event.ts';
import type { ReadHit } from '../../shared/core/reading/read-hit.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { attributeNone, type Tenants } from '../../shared/core/tenants.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { type HttpDeps, httpApp } from '../../shared/http/http-app.ts';
import { type MemoryBlobStore, memoryBlobStore } from '../fakes/memory-blob-store.ts';
import { type MemoryDestination, memoryDestination } from '../fakes/memory-destination.ts';
import { type MemoryRecordStore, memoryRecordStore } from '../fakes/memory-record-store.ts';
import { type MemorySecrets, memorySecrets } from '../fakes/memory-secrets.ts';
import { type MemorySource, memorySource } from '../fakes/memory-source.ts';
import { type MemoryWorkQueue, memoryWorkQueue } from '../fakes/memory-work-queue.ts';
import { type RecordingClock, recordingClock } from '../fakes/recording-clock.ts';
import { storeKey } from './store-key.ts';
import { plainRead } from './world.ts';

export interface HttpWorld {
  readonly app: Hono;
  /** What `app` works with. */
  readonly deps: HttpDeps;
  readonly source: MemorySource;
  /** Of the journals. */
  readonly blobs: MemoryBlobStore;
  readonly queue: MemoryWorkQueue;
  /** Everybody's. */
  readonly destination: MemoryDestination;
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
  /** Sends a body as JSON; otherwise like `get`. */
  send(method: string, path: string, request?: SendOptions): Promise<Response>;
}

export interface SendOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A JSON value; bytes and texts go as they are. */
  readonly body?: unknown;
}

export const httpWorld = (
  options: {
    readonly hits?: readonly Hit[];
    readonly read?: ReadHit;
    readonly limits?: HttpDeps['limits'];
    readonly answers?: HttpDeps['answers'];
    readonly subscriptions?: readonly Subscription[];
    readonly tenants?: Tenants;
  } = {},
): HttpWorld => {
  const clock = recordingClock({ startMs: Date.parse('2026-05-05T12:00:00Z') });
  const source = memorySource({ id: 'closer', clock, hits: options.hits ?? [] });
  const records = memoryRecordStore({ clock });
  const secrets = memorySecrets({ rootKey: 'cm9vdCBrZXkgb2YgdGhlIHRlc3RzIG9mIEhUVFA' });
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
  const blobs = memoryBlobStore();
  const queue = memoryWorkQueue();
  const destination = memoryDestination();
  const deps: HttpDeps = {
    source,
    journal: openJournal({ store: blobs, source: 'closer' }),
    audit: openAuditJournal(blobs),
    roster: openRoster({ records, secrets, fromFile: options.subscriptions ?? [] }),
    queue,
    rules: { allowPrivateTargets: [] },
    file: options.tenants ?? { attribute: attributeNone, ids: undefined, directory: { tenants: [] } },
    destinationOf: async () => destination,
    mostPollWaitMs: 0,
    reader: async () => options.read ?? plainRead,
    records,
    secrets,
    clock,
    telemetry,
    answers: options.answers ?? 'streamed',
    ...(options.limits ? { limits: options.limits } : {}),
  };
  const app = httpApp(deps);
  const key: HttpWorld['key'] = async (tenant, scopes = ['events:read']) =>
    (await storeKey({ records, clock }, { tenant, scopes })).text;
  const usual = key('acme');
  const send: HttpWorld['send'] = async (method, path, { key: given, headers, body } = {}) => {
    const presented = given ?? (await usual);
    const isRaw = typeof body === 'string' || body instanceof Uint8Array;
    return app.request(`https://api.example.com${path}`, {
      method,
      headers: {
        ...(presented !== '' && { authorization: `Bearer ${presented}` }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: isRaw ? (body as string | Uint8Array<ArrayBuffer>) : JSON.stringify(body) }),
    });
  };
  return {
    app,
    deps,
    source,
    records,
    blobs,
    queue,
    destination,
    secrets,
    clock,
    notices,
    key,
    get: (path, request) => send('GET', path, request),
    send,
  };
};
