/**
 * Searches everything that runs have left behind (logs, journals, deliveries, states) for the secrets planted in the samples:
 * `node test/real/search-for-canaries.ts FOLDER…`. Names each file that holds one, and ends with 1; the secret itself is not printed.
 */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { canaries } from '../support/canaries.ts';

const planted = canaries();

const filesIn = async (path: string): Promise<readonly string[]> => {
  // A path that is not there fails the search: nothing was looked at where something should have been.
  if ((await stat(path)).isFile()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

/** A gzip file is searched as it is unpacked: journals and deliveries. */
const textOf = async (path: string): Promise<string> => {
  const bytes = await readFile(path);
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return (packed ? gunzipSync(bytes) : bytes).toString('utf8');
};

let searched = 0;
let holding = 0;
for (const folder of process.argv.slice(2))
  for (const path of await filesIn(folder)) {
    const text = await textOf(path);
    searched += 1;
    if (!planted.some((canary) => text.includes(canary))) continue;
    holding += 1;
    process.stdout.write(`${path} holds a planted secret\n`);
  }
process.stdout.write(`${searched} files searched for ${planted.length} planted secrets: ${holding} hold one\n`);
process.exitCode = holding > 0 || searched === 0 ? 1 : 0;
