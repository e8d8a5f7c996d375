import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface Samples {
  readonly log: string;
  readonly tenants: string;
  /** What the log holds, for comparison. */
  readonly manifest: string;
}

/**
 * The sample log of the repository that `from` (a folder) lies in, or `undefined` outside of it: in a deployed function there is none.
 * Walks up, because a bundle made for a local run lies deeper in the repository than this file does.
 */
export const findSamples = (from: string): Samples | undefined => {
  const folder = join(from, 'samples');
  const samples = {
    log: join(folder, 'samples.ndjson'),
    tenants: join(folder, 'tenants.json'),
    manifest: join(folder, 'samples-manifest.json'),
  };
  if (existsSync(samples.log)) return samples;
  return dirname(from) === from ? undefined : findSamples(dirname(from));
};
