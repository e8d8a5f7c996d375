import { keptDestinations } from '../../shared/adapters/kept-destinations.ts';
import { openBlobStore } from '../../shared/adapters/open-blob-store.ts';
import { openRecordStore } from '../../shared/adapters/open-record-store.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { openWorkQueue } from '../../shared/adapters/open-work-queue.ts';
import { powertoolsTelemetry } from '../../shared/adapters/powertools-telemetry.ts';
import { systemClock as clock } from '../../shared/adapters/system-clock.ts';
import { targetRules } from '../../shared/adapters/target-rules.ts';
import { alertsOf } from '../../shared/adapters/webhook-alerts.ts';
import type { Config } from '../../shared/config/config.ts';
import { readSubscriptions } from '../../shared/config/config-files.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import { openRoster } from '../../shared/flows/roster.ts';
import type { DeliverFunction } from './handler.ts';

/**
 * What the deliver function works with. Nothing outside is touched yet. The tenant directory stays out of it: events are attributed
 * before they are journaled, and the pull function has checked the subscriptions against it.
 * @throws WrongSettings when the subscriptions file is missing or wrong
 */
export const compose = async (config: Config, env: NodeJS.ProcessEnv): Promise<DeliverFunction> => {
  const fromFile = readSubscriptions(config, { ids: undefined }, { cwd: process.cwd() });
  const [secrets, store, records, queue] = await Promise.all([
    openSecrets(config.secrets, { env, clock }),
    openBlobStore(config.journal),
    openRecordStore(config.state),
    openWorkQueue(config.queue),
  ]);
  const telemetry = powertoolsTelemetry();
  return {
    journal: openJournal({ store, source: config.source.id }),
    records,
    clock,
    telemetry,
    ...alertsOf(config.alertUrl, { secrets, clock, telemetry, ...targetRules(config) }),
    queue,
    roster: openRoster({ records, secrets, fromFile }),
    // Kept between invocations, and their connections with them.
    destinationOf: keptDestinations({ secrets, clock, ...targetRules(config) }),
  };
};
