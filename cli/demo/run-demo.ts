import { openSecrets } from '../../shared/adapters/open-secrets.ts';
import { makeOwnRootKey } from '../../shared/adapters/own-root-key.ts';
import { systemClock } from '../../shared/adapters/system-clock.ts';
import { findSamples } from '../../shared/config/samples.ts';
import { readConfig } from '../../shared/config/settings.ts';
import { OperatorMustFix } from '../../shared/core/errors.ts';
import { subscriptionSecret } from '../../shared/core/webhook/signature.ts';
import { compose } from '../compose.ts';
import type { Terminal } from '../terminal.ts';
import { type Comparison, compare } from './compare.ts';
import { type DemoFolder, demoFolder, folderOf, operatorWebhook, webhookOf, writeDemoFiles } from './demo-folder.ts';
import { askSomething, deliverEverything, onlyTrouble, pullEverything } from './demo-steps.ts';
import { type GroundTruth, groundTruth } from './ground-truth.ts';
import { folderEvents, type ReceivedRequest, readRecord, webhookEvents } from './received.ts';
import { startReceiver } from './start-receiver.ts';

export interface DemoResult {
  /** Absolute. */
  readonly folder: string;
  /** For `--env-file`: commands typed afterwards see what the demo did. */
  readonly settingsFile: string;
  readonly events: number;
  /** Events that this run read for the first time; 0 if the demo ran before. */
  readonly new: number;
  /** Webhook requests of this run, and those of them whose signature did not verify. */
  readonly requests: number;
  readonly refused: number;
  readonly subscriptions: readonly Comparison[];
  readonly right: boolean;
}

/**
 * The main job on the sample log, told step by step on `terminal`, then held against what the samples are known to contain.
 * @throws OperatorMustFix outside of the repository, where there are no samples
 */
export const runDemo = async (terminal: Terminal): Promise<DemoResult> => {
  const { say } = terminal;
  const samples = findSamples(import.meta.dirname);
  if (!samples) throw new OperatorMustFix('The samples are missing. Run the demo in a clone of the repository.');
  const truth = groundTruth(samples);
  const names = truth.organizations.map(({ name }) => name);
  const { SLUICE_DATA } = terminal.env;
  const folder = demoFolder(readConfig({ SLUICE_DATA }, terminal).dataDir);
  const before = readRecord(folder.record).length;

  say(`Sluice brings ${truth.every.size} sample events to the people who must see them, all on this machine.`);
  say(`Everything it writes is in ${folder.path}`);
  const receiver = await startReceiver({ record: folder.record, secrets: await secretsOf(folder, truth) });
  try {
    say(
      `\n1. Receiver: a process of its own at ${receiver.url}; it verifies each request with the npm package standardwebhooks.`,
    );
    writeDemoFiles(folder, truth.organizations, receiver.url);
    say(
      `\n2. Subscriptions: a webhook and a folder each for ${names.join(', ')}; a webhook of the operator for everything.`,
    );
    const opened = await compose(readConfig(folder.settings, terminal), { ...terminal, env: folder.settings });
    const sluice = { ...opened, telemetry: onlyTrouble(opened.telemetry) };
    try {
      const kept = await pullEverything(sluice, terminal);
      await deliverEverything(sluice, terminal);
      await askSomething(sluice, terminal, truth.organizations[0]);
      return judge(folder, truth, { kept, before });
    } finally {
      sluice.records.close();
    }
  } finally {
    await receiver.stop();
  }
};

/** What the operator would hand to each receiver: `sluice subscriptions secret <id>`. */
const secretsOf = async (
  { settings }: DemoFolder,
  { organizations }: GroundTruth,
): Promise<Readonly<Record<string, string>>> => {
  const config = readConfig(settings, { cwd: '/' });
  await makeOwnRootKey(config);
  const secrets = await openSecrets(config.secrets, { env: {}, clock: systemClock });
  const rootKey = (await secrets.get('rootKey'))?.current ?? '';
  const ids = [operatorWebhook, ...organizations.map(({ tenant }) => webhookOf(tenant))];
  return Object.fromEntries(ids.map((id) => [id, subscriptionSecret(rootKey, id)]));
};

const judge = (
  folder: DemoFolder,
  truth: GroundTruth,
  run: { readonly kept: number; readonly before: number },
): DemoResult => {
  const record = readRecord(folder.record);
  const requests = record.slice(run.before);
  const refused = requests.filter(({ verified }) => !verified).length;
  const subscriptions = [
    compare(operatorWebhook, webhookEvents(record, operatorWebhook), truth.every),
    ...truth.organizations.flatMap(({ tenant }) => comparisonsOf(tenant, folder, record, truth)),
  ];
  return {
    folder: folder.path,
    settingsFile: folder.settingsFile,
    events: truth.every.size,
    new: run.kept,
    requests: requests.length,
    refused,
    subscriptions,
    right: refused === 0 && subscriptions.every(({ right }) => right),
  };
};

const comparisonsOf = (tenant: string, folder: DemoFolder, record: readonly ReceivedRequest[], { of }: GroundTruth) => {
  const expected = of.get(tenant) ?? new Set<string>();
  return [
    compare(webhookOf(tenant), webhookEvents(record, webhookOf(tenant)), expected),
    compare(folderOf(tenant), folderEvents(folder.deliveriesOf(tenant)), expected),
  ];
};
