/** Which checks belong to the parts that the settings name, in the order of the report. */
import {
  openDestinationDiagnosis,
  openJournalDiagnosis,
  openQueueDiagnosis,
  openStateDiagnosis,
} from '../../shared/adapters/diagnosis/open-diagnosis.ts';
import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { isMadeLater } from '../../shared/adapters/own-root-key.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { targetRules } from '../../shared/adapters/target-rules.ts';
import type { Config } from '../../shared/config/config.ts';
import type { Subscription } from '../../shared/core/subscription.ts';
import { checkpointCheck } from '../../shared/flows/doctor/check-checkpoint.ts';
import { destinationCheck, subscriptionCheck } from '../../shared/flows/doctor/check-destination.ts';
import { directoryCheck } from '../../shared/flows/doctor/check-directory.ts';
import { headKeyCheck } from '../../shared/flows/doctor/check-head-key.ts';
import { journalCheck } from '../../shared/flows/doctor/check-journal.ts';
import { keptCheck } from '../../shared/flows/doctor/check-kept.ts';
import { queueCheck } from '../../shared/flows/doctor/check-queue.ts';
import { reconcileCheck } from '../../shared/flows/doctor/check-reconcile.ts';
import { rosterCheck } from '../../shared/flows/doctor/check-roster.ts';
import { secretsCheck } from '../../shared/flows/doctor/check-secrets.ts';
import { onUsableState, stateCheck } from '../../shared/flows/doctor/check-state.ts';
import { diskCheck } from '../../shared/flows/doctor/check-volume.ts';
import { warning } from '../../shared/flows/doctor/finding.ts';
import { newestSegment } from '../../shared/flows/doctor/newest-segment.ts';
import type { Check } from '../../shared/flows/doctor/run-checks.ts';
import { openJournal } from '../../shared/flows/journal/open-journal.ts';
import type { Secrets } from '../../shared/ports/secrets.ts';
import { readConfigFiles } from './config-files.ts';
import { once } from './once.ts';
import { type SourceChecks, sourceChecks } from './source-checks.ts';

export interface DoctorInput {
  readonly config: Config;
  /** What is wrong with the settings, each beginning with its variable. Checks that depend on such a variable are left out. */
  readonly problems: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
}

export const doctorChecks = async (input: DoctorInput): Promise<readonly Check[]> => {
  const { config, cwd } = input;
  const clock = systemClock;
  const unless = unlessWrong(input.problems);
  // Stores that do not answer are for their own checks to say.
  const madeLater = await isMadeLater(config).catch(() => false);
  const secrets = madeLater ? noSecrets : await openSecrets(config.secrets, { env: input.env, clock });
  const files = readConfigFiles(config, { cwd });
  const [opened, place, queue] = await Promise.all([
    openStateDiagnosis(config.state),
    openJournalDiagnosis(config.journal),
    openQueueDiagnosis(config.queue),
  ]);
  // Searching a state file for damage takes a while, so the checks share one search.
  const state = { ...opened, look: once(opened.look) };
  const journal = openJournal({ store: place.store, source: config.source.id });
  const source: SourceChecks = sourceChecks(config, { secrets, clock, attribute: files.attribute });
  const { folder } = place;
  const head = once(async () => (await newestSegment(state, journal))?.seq ?? 0);

  const ofOne = async (subscription: Subscription): Promise<readonly Check[]> => [
    destinationCheck(subscription, await openDestinationDiagnosis(subscription, targetRules(config)), clock),
    ...onUsableState(state, [subscriptionCheck(subscription, { state, journal, head, clock })]),
  ];
  const ofSubscriptions = (await Promise.all(files.subscriptions.map(ofOne))).flat();

  return [
    ...unless('secrets', secretSettings, [secretsCheck(secrets, secretsOf(config, madeLater))]),
    ...unless(
      source.name,
      config.source.kind === 'ndjson' ? sourceSettings : [...sourceSettings, ...secretSettings],
      source.checks,
    ),
    ...files.checks,
    ...unless('state', ['SLUICE_STATE_URL'], [stateCheck(state, config.source.id)]),
    ...unless('journal', storeSettings, [
      journalCheck({ place, journal, state }),
      ...(folder ? [diskCheck(() => folder(), source.volume)] : []),
    ]),
    ...unless('checkpoint', storeSettings, onUsableState(state, [checkpointCheck({ state, journal, clock })])),
    ...unless(
      'reconcile',
      storeSettings,
      onUsableState(state, [reconcileCheck({ state, source: config.source.id, clock })]),
    ),
    ...unless('heads', [...storeSettings, ...secretSettings], [headKeyCheck(place.store, config.source.id, secrets)]),
    ...unless('queue', ['SLUICE_QUEUE_URL'], [queueCheck(queue)]),
    ...unless('subscriptions', [...storeSettings, 'SLUICE_ALLOW_PRIVATE_TARGETS'], ofSubscriptions),
    ...unless(
      'tenants/api',
      ['SLUICE_STATE_URL'],
      onUsableState(state, [directoryCheck({ state, inFile: files.tenants })]),
    ),
    ...unless(
      'subscriptions/api',
      ['SLUICE_STATE_URL', ...secretSettings],
      onUsableState(state, [rosterCheck({ state, secrets })]),
    ),
    ...unless(
      'subscriptions/kept',
      storeSettings,
      onUsableState(state, [keptCheck({ state, inFile: files.subscriptions, head })]),
    ),
  ];
};

const secretSettings = ['SLUICE_SECRETS', 'SLUICE_SECRET_ROOT_KEY', 'SLUICE_SECRET_ELASTICSEARCH'];
const sourceSettings = ['SLUICE_SOURCE_URL', 'SLUICE_SOURCE_INDEX', 'SLUICE_SOURCE_TIME_FIELD'];
/** Journal and checkpoint are named after the source, whose name comes from the index or file unless SLUICE_SOURCE_ID sets it. */
const storeSettings = [...sourceSettings.slice(0, 2), 'SLUICE_SOURCE_ID', 'SLUICE_STATE_URL', 'SLUICE_JOURNAL_URL'];

/** The checks; or, if a setting that they need is wrong, a finding that says why they were left out. */
const unlessWrong = (problems: readonly string[]) => {
  const wrong = new Set(problems.map((text) => text.split(' ')[0]));
  return (name: string, needed: readonly string[], checks: readonly Check[]): readonly Check[] => {
    const cause = needed.find((variable) => wrong.has(variable));
    if (cause === undefined) return checks;
    const finding = warning(name, `Not checked: ${cause} is wrong.`, 'Correct the setting, then run doctor again.');
    return [{ name, run: async () => [finding] }];
  };
};

const noSecrets: Secrets = { get: async () => undefined };

const secretsOf = (config: Config, madeLater: boolean): Parameters<typeof secretsCheck>[1] => {
  const { secrets } = config;
  const where =
    secrets.kind === 'env'
      ? 'The environment'
      : secrets.kind === 'file'
        ? `Secrets file ${secrets.path}`
        : `Secret ${secrets.name}`;
  return { source: config.source.kind, where, file: madeLater ? 'made at first use' : 'there' };
};
