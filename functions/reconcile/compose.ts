import { openBlobStore } from '../../shared/adapters/open-blob-store.ts';
import { openRecordStore } from '../../shared/adapters/open-record-store.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { openSource } from '../../shared/adapters/open-source.ts';
import { openWorkQueue } from '../../shared/adapters/open-work-queue.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import type { Config } from '../../shared/config/config.ts';
import { readSubscriptions, readTenants } from '../../shared/config/config-files.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { directoryReader, openDirectory } from '../../shared/flows/tenants-directory.ts';
import type { ReconcileFunction } from './handler.ts';

/**
 * What the reconcile function works with. Nothing outside is touched yet.
 * @throws WrongSettings when a file of the settings is missing or wrong
 */
export const compose = async (config: Config, env: NodeJS.ProcessEnv): Promise<ReconcileFunction> => {
  const tenants = readTenants(config);
  const fromFile = readSubscriptions(config, tenants, { cwd: process.cwd() });
  const [secrets, store, records, queue] = await Promise.all([
    openSecrets(config.secrets, { env, clock }),
    openBlobStore(config.journal),
    openRecordStore(config.state),
    openWorkQueue(config.queue),
  ]);
  return {
    source: await openSource(config.source, { secrets, clock }),
    journal: openJournal({ store, source: config.source.id }),
    journalStore: store,
    records,
    secrets,
    clock,
    reader: directoryReader(openDirectory({ file: tenants, records, clock }), config.source.timeField),
    telemetry: powertoolsTelemetry(),
    queue,
    roster: openRoster({ records, secrets, fromFile }),
    horizonMs: config.horizonHours * 3_600_000,
  };
};
