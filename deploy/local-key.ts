/**
 * Lets `sls invoke local -f query` and `-f manage` in. The function knows no way around API keys, on a laptop neither: the command makes a key as
 * `sluice keys create` does, in the state on this machine and audited, puts it into the event and revokes it afterwards. Whoever can run
 * this can read that file, and the log beside it, anyway.
 */
import { openBlobStore } from '../shared/adapters/open-blob-store.ts';
import { openRecordStore } from '../shared/adapters/open-record-store.ts';
import { systemClock as clock } from '../shared/adapters/system-clock.ts';
import { readConfig } from '../shared/config/settings.ts';
import { everyTenant } from '../shared/core/event.ts';
import { openAuditJournal } from '../shared/flows/manage/audit-journal.ts';
import { commandLine } from '../shared/flows/manage/caller.ts';
import { createKey, revokeKey } from '../shared/flows/manage/keys.ts';

/** An event of an HTTP API, as far as it matters here. Header names are lower case there. */
export interface HttpEvent {
  readonly version: '2.0';
  readonly rawPath: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface LetIn {
  readonly event: HttpEvent;
  /** Revokes the key that was made; nothing when none was. */
  readonly leave: () => Promise<void>;
}

export const isHttpEvent = (event: unknown): event is HttpEvent =>
  typeof event === 'object' && event !== null && 'version' in event && event.version === '2.0' && 'rawPath' in event;

/** The event with a key, unless it brings its own or the state of these settings is not a file on this machine. */
export const letIn = async (event: HttpEvent, env: NodeJS.ProcessEnv, cwd: string): Promise<LetIn> => {
  const { state, journal } = readConfig(env, { cwd });
  const headers = event.headers ?? {};
  const asIs = { event, leave: async () => {} };
  if (state.kind !== 'sqlite' || 'authorization' in headers || 'x-api-key' in headers) return asIs;
  const records = await openRecordStore(state);
  const audit = openAuditJournal(await openBlobStore(journal));
  const deps = { records, clock, audit, telemetry: { notice: sayOnStderr } };
  // To read events one scope is enough; the other calls are many.
  const scope = event.rawPath.startsWith('/v1/events') ? 'events:read' : 'operator';
  const wish = { tenant: everyTenant, scopes: [scope], name: 'sls invoke local' };
  const made = await createKey(deps, commandLine, wish);
  if (made.kind !== 'done') throw new Error('An operator may make any key.');
  const { key, text } = made.value;
  return {
    event: { ...event, headers: { ...headers, authorization: `Bearer ${text}` } },
    leave: async () => {
      await revokeKey(deps, commandLine, key.id);
      records.close();
    },
  };
};

const sayOnStderr = (_level: string, message: string): void => {
  process.stderr.write(`${message}\n`);
};
