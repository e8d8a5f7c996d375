/** Chooses the adapters that the settings name, and nothing else. */
import { consoleTelemetry } from '../shared/adapters/console-telemetry.ts';
import { keptDestinations } from '../shared/adapters/kept-destinations.ts';
import { openBlobStore } from '../shared/adapters/open-blob-store.ts';
import { type OpenRecordStore, openRecordStore } from '../shared/adapters/open-record-store.ts';
import { openSecrets } from '../shared/adapters/open-secrets.ts';
import { openSource } from '../shared/adapters/open-source.ts';
import { type OpenWorkQueue, openWorkQueue } from '../shared/adapters/open-work-queue.ts';
import { makeOwnRootKey } from '../shared/adapters/own-root-key.ts';
import { systemClock } from '../shared/adapters/system-clock.ts';
import { targetRules } from '../shared/adapters/target-rules.ts';
import { alertsOf } from '../shared/adapters/webhook-alerts.ts';
import type { Config } from '../shared/config/config.ts';
import { readSubscriptions, readTenants } from '../shared/config/config-files.ts';
import type { ReadHit } from '../shared/core/reading/read-hit.ts';
import type { Subscription } from '../shared/core/subscription.ts';
import type { Tenants } from '../shared/core/tenants.ts';
import { type Journal, openJournal } from '../shared/flows/journal/open-journal.ts';
import { openRoster, type Roster } from '../shared/flows/roster.ts';
import {
  type Directory,
  directoryEvidence,
  directoryReader,
  openDirectory,
} from '../shared/flows/tenants-directory.ts';
import type { Alerts } from '../shared/ports/alerts.ts';
import type { BlobStore } from '../shared/ports/blob-store.ts';
import type { AlarmClock } from '../shared/ports/clock.ts';
import type { Destination } from '../shared/ports/destination.ts';
import type { Secrets } from '../shared/ports/secrets.ts';
import type { Source } from '../shared/ports/source.ts';
import type { Telemetry } from '../shared/ports/telemetry.ts';
import type { Terminal } from './terminal.ts';

/** All parts of one machine's Sluice. Nothing is touched until it is used, but for the root key of a new folder. */
export interface Sluice {
  readonly config: Config;
  readonly clock: AlarmClock;
  readonly source: Source;
  readonly journal: Journal;
  /** What the journal lies in; signed heads lie beside it. */
  readonly journalStore: BlobStore;
  readonly records: OpenRecordStore;
  readonly secrets: Secrets;
  readonly queue: OpenWorkQueue;
  /** Makes a reader that attributes hits to the tenants as they are now; call it at the beginning of each run. */
  readonly reader: () => Promise<ReadHit>;
  readonly evidenceOf: ReturnType<typeof directoryEvidence>;
  /** The tenants of the settings and of the records. */
  readonly directory: Directory;
  /** The tenants of the settings alone. */
  readonly tenants: Tenants;
  /** The subscriptions of all tenants. */
  readonly roster: Roster;
  readonly telemetry: Telemetry;
  /** Absent: alerts appear on the terminal only. */
  readonly alerts?: Alerts;
  /** The destination of a subscription, opened once: its connections stay open from batch to batch. */
  destinationOf(subscription: Subscription): Promise<Destination>;
}

/** @throws WrongSettings when a file that the settings name is not as it must be */
export const compose = async (
  config: Config,
  terminal: Pick<Terminal, 'env' | 'cwd' | 'say'>,
  given: { readonly subscriptions?: readonly Subscription[] } = {},
): Promise<Sluice> => {
  const tenants = readTenants(config);
  const fromFile = given.subscriptions ?? readSubscriptions(config, tenants, terminal);
  const clock = systemClock;
  const telemetry = consoleTelemetry(terminal);
  await makeOwnRootKey(config);
  const secrets = await openSecrets(config.secrets, { env: terminal.env, clock });
  const [source, store, records, queue] = await Promise.all([
    openSource(config.source, { secrets, clock }),
    openBlobStore(config.journal),
    openRecordStore(config.state),
    openWorkQueue(config.queue),
  ]);
  const directory = openDirectory({ file: tenants, records, clock });
  return {
    config,
    clock,
    source,
    journal: openJournal({ store, source: config.source.id }),
    journalStore: store,
    records,
    secrets,
    queue,
    reader: directoryReader(directory, config.source.timeField),
    evidenceOf: directoryEvidence(directory),
    directory,
    tenants,
    roster: openRoster({ records, secrets, fromFile }),
    telemetry,
    ...alertsOf(config.alertUrl, { secrets, clock, telemetry, ...targetRules(config) }),
    destinationOf: keptDestinations({ secrets, clock, ...targetRules(config) }),
  };
};
