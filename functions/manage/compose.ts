import { keptDestinations } from '../../shared/adapters/kept-destinations.ts';
import { openBlobStore } from '../../shared/adapters/open-blob-store.ts';
import { openRecordStore } from '../../shared/adapters/open-record-store.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { openWorkQueue } from '../../shared/adapters/open-work-queue.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import { targetRules } from '../../shared/adapters/target-rules.ts';
import type { Config } from '../../shared/config/config.ts';
import { readSubscriptions, readTenants } from '../../shared/config/config-files.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { openAuditJournal } from '../../shared/flows/manage/audit-journal.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import { openDirectory } from '../../shared/flows/tenants-directory.ts';
import type { ManageAppDeps } from '../../shared/http/manage-app.ts';

/**
 * What the manage function works with. Nothing outside is touched yet.
 * @throws WrongSettings when a file of the settings is missing or wrong
 */
export const compose = async (config: Config, env: NodeJS.ProcessEnv): Promise<ManageAppDeps> => {
  const file = readTenants(config);
  const targets = targetRules(config);
  const fromFile = readSubscriptions(config, file, { cwd: process.cwd() });
  const [secrets, store, records, queue] = await Promise.all([
    openSecrets(config.secrets, { env, clock }),
    openBlobStore(config.journal),
    openRecordStore(config.state),
    openWorkQueue(config.queue),
  ]);
  const directory = openDirectory({ file, records, clock });
  return {
    journal: openJournal({ store, source: config.source.id }),
    audit: openAuditJournal(store),
    records,
    secrets,
    clock,
    queue,
    file,
    telemetry: powertoolsTelemetry(),
    roster: openRoster({ records, secrets, fromFile }),
    tenantIds: async () => (await directory.current()).ids,
    rules: { allowPrivateTargets: config.allowPrivateTargets, own: targets.own },
    destinationOf: keptDestinations({ secrets, clock, ...targets }),
    // A function that waits is paid for while it does.
    mostPollWaitMs: 0,
  };
};
