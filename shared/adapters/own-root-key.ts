import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { checkpointPartition } from '../core/checkpoint.ts';
import { makeRootKey } from './file-secrets.ts';
import { openBlobStore } from './open-blob-store.ts';
import { openRecordStore } from './open-record-store.ts';

/** Makes the root key of a new folder, when its file is the embedded default. To be called before anything is written. */
export const makeOwnRootKey = async (config: Config): Promise<void> => {
  const { secrets } = config;
  if (secrets.kind === 'file' && secrets.create) await makeRootKey(secrets.path, () => isUsed(config));
};

/** The embedded default, whose file is made before anything else is. */
export const isMadeLater = async (config: Config): Promise<boolean> =>
  config.secrets.kind === 'file' &&
  config.secrets.create &&
  !existsSync(config.secrets.path) &&
  !(await isUsed(config));

/** There is a state, or anything in the place of the journal: segments, heads, the audit journal. */
const isUsed = async (config: Config): Promise<boolean> => {
  if (await hasState(config)) return true;
  const journal = await openBlobStore(config.journal);
  return (await journal.list('', { limit: 1 })).length > 0;
};

const hasState = async ({ state, source }: Config): Promise<boolean> => {
  if (state.kind === 'sqlite') return existsSync(state.path);
  const records = await openRecordStore(state);
  try {
    return (await records.get(checkpointPartition, source.id)) !== undefined;
  } finally {
    records.close();
  }
};
