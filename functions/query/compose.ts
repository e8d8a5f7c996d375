import { openRecordStore } from '../../shared/adapters/open-record-store.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { openSource } from '../../shared/adapters/open-source.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import type { Config } from '../../shared/config/config.ts';
import { readTenants } from '../../shared/config/config-files.ts';
import { hitReader } from '../../shared/core/reading/read-hit.ts';
import type { HttpDeps } from '../../shared/http/http-app.ts';

/**
 * What the query function works with: the source itself, not the journal. Nothing outside is touched yet.
 * @throws WrongSettings when the tenant directory is missing or wrong
 */
export const compose = async (config: Config, env: NodeJS.ProcessEnv): Promise<HttpDeps> => {
  const { attribute } = readTenants(config);
  const secrets = await openSecrets(config.secrets, { env, clock });
  const [records, source] = await Promise.all([
    openRecordStore(config.state),
    openSource(config.source, { secrets, clock }),
  ]);
  return {
    source,
    records,
    secrets,
    clock,
    read: hitReader({ timeField: config.source.timeField, attribute }),
    telemetry: powertoolsTelemetry(),
  };
};
