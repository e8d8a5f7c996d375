import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Organization } from './ground-truth.ts';

/** Where the demo keeps everything, and the settings it runs with. */
export interface DemoFolder {
  readonly path: string;
  /** NDJSON of what the receiver got. */
  readonly record: string;
  /** Settings for `--env-file`. */
  readonly settingsFile: string;
  readonly settings: Readonly<Record<string, string>>;
  deliveriesOf(tenant: string): string;
}

export const operatorWebhook = 'operator-webhook';
export const webhookOf = (tenant: string): string => `${tenant}-webhook`;
export const folderOf = (tenant: string): string => `${tenant}-folder`;

export const demoFolder = (dataDir: string): DemoFolder => {
  const path = join(dataDir, 'demo');
  return {
    path,
    record: join(path, 'received.ndjson'),
    settingsFile: join(path, 'settings.env'),
    settings: {
      SLUICE_DATA: path,
      SLUICE_SUBSCRIPTIONS_FILE: join(path, 'subscriptions.json'),
      SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8',
    },
    deliveriesOf: (tenant) => join(path, 'deliveries', tenant),
  };
};

/** Writes the subscriptions and the settings as an operator would: the demo reads them back, and so do commands typed afterwards. */
export const writeDemoFiles = (
  folder: DemoFolder,
  organizations: readonly Organization[],
  receiverUrl: string,
): void => {
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  const webhook = (id: string, tenant: string) => ({
    id,
    tenant,
    start: 'beginning',
    destination: { type: 'webhook', url: `${receiverUrl}/webhooks/${id}` },
  });
  const subscriptions = [
    webhook(operatorWebhook, '*'),
    ...organizations.flatMap(({ tenant }) => [
      webhook(webhookOf(tenant), tenant),
      {
        id: folderOf(tenant),
        tenant,
        start: 'beginning',
        destination: { type: 'folder', path: folder.deliveriesOf(tenant) },
      },
    ]),
  ];
  const { SLUICE_SUBSCRIPTIONS_FILE: file = '' } = folder.settings;
  writeFileSync(file, `${JSON.stringify(subscriptions, null, 2)}\n`);
  const lines = Object.entries(folder.settings).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(folder.settingsFile, lines.join(''));
};
