import { openRecordStore } from '../../shared/adapters/open-record-store.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { openSource, timeoutsOfAnAnswer } from '../../shared/adapters/open-source.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import type { Config } from '../../shared/config/config.ts';
import { readTenants } from '../../shared/config/config-files.ts';
import { directoryEvidence, directoryReader, openDirectory } from '../../shared/flows/tenants-directory.ts';
import type { QueryFunctionDeps } from './handler.ts';

/**
 * What the query function works with: the source itself, not the journal. Nothing outside is touched yet.
 * @throws WrongSettings when the tenant directory is missing or wrong
 */
export const compose = async (config: Config, env: NodeJS.ProcessEnv): Promise<QueryFunctionDeps> => {
  const file = readTenants(config);
  const secrets = await openSecrets(config.secrets, { env, clock });
  const [records, source] = await Promise.all([
    openRecordStore(config.state),
    openSource(config.source, { secrets, clock, timeouts: timeoutsOfAnAnswer }),
  ]);
  const directory = openDirectory({ file, records, clock });
  return {
    source,
    records,
    secrets,
    clock,
    reader: directoryReader(directory, config.source.timeField),
    evidenceOf: directoryEvidence(directory),
    telemetry: powertoolsTelemetry(),
  };
};
