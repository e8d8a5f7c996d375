import { cpSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect } from 'vitest';
import { type SluiceOptions, sluice } from './sluice-process.ts';
import { temporaryFolder } from './temporary-folder.ts';

export type Place = SluiceOptions & { readonly cwd: string; readonly env: Readonly<Record<string, string>> };

/** Writes the subscriptions file of a place: one, of the tenant `aurora`, from the beginning. */
export const subscribe = ({ cwd }: Pick<Place, 'cwd'>, destination: object, id = 'aurora-soc'): void =>
  writeFileSync(
    join(cwd, 'subscriptions.json'),
    JSON.stringify([{ id, tenant: 'aurora', start: 'beginning', destination }]),
  );

/**
 * Places in which the samples are pulled, compared and delivered to a folder; loopback is open to webhooks. The first one is made by the
 * test that asks first, and each call gives a copy of its own.
 */
export const pulledPlaces = (): (() => Promise<Place>) => {
  const env = { SLUICE_SUBSCRIPTIONS_FILE: 'subscriptions.json', SLUICE_ALLOW_PRIVATE_TARGETS: '127.0.0.0/8' };
  const folders: string[] = [];
  const make = async (): Promise<string> => {
    const cwd = await mkdtemp(join(tmpdir(), 'sluice-pulled-'));
    folders.push(cwd);
    subscribe({ cwd }, { type: 'folder', path: 'out' });
    for (const command of ['pull', 'reconcile', 'deliver']) {
      const { code, stderr } = await sluice([command], { cwd, env });
      expect({ command, code, stderr }).toMatchObject({ code: 0 });
    }
    return cwd;
  };
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));
  let made: Promise<string> | undefined;
  return async () => {
    made ??= make();
    const cwd = await temporaryFolder();
    cpSync(await made, cwd, { recursive: true, preserveTimestamps: true });
    return { cwd, env };
  };
};
