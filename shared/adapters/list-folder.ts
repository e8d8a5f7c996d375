import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isBlobName } from './blob-names.ts';
import { codeOf } from './file-errors.ts';

interface Listing {
  readonly prefix: string;
  readonly after: string;
  readonly limit: number;
}

/**
 * Names of the files below `root` that begin with `prefix`, in byte order of the whole name, after `after`, at most `limit`. Reads only
 * folders that can hold such a name. Files whose names no BlobStore allows are left out.
 */
export const listFolder = async (root: string, listing: Listing): Promise<readonly string[]> => {
  const found: string[] = [];
  const lastSlash = listing.prefix.lastIndexOf('/');
  await walk(root, listing.prefix.slice(0, lastSlash + 1), listing, found);
  return found;
};

/** @param parent the folder's name below root: empty, or ending in `/` */
const walk = async (root: string, parent: string, listing: Listing, found: string[]): Promise<void> => {
  for (const name of await namesBelow(join(root, parent), parent, listing)) {
    if (found.length >= listing.limit) return;
    if (name.endsWith('/')) {
      if (isBlobName(name.slice(0, -1))) await walk(root, name, listing, found);
    } else if (isBlobName(name)) found.push(name);
  }
};

/** Names of files, and of folders with a `/` at their end: `a-b` comes before `a/b`, as it does in S3. */
const namesBelow = async (folder: string, parent: string, listing: Listing): Promise<readonly string[]> =>
  (await entriesOf(folder))
    .map((entry) => `${parent}${entry.name}${entry.isDirectory() ? '/' : ''}`)
    .filter((name) => (name.endsWith('/') ? mayHold(name, listing) : isWanted(name, listing)))
    .sort();

const isWanted = (name: string, { prefix, after }: Listing): boolean => name.startsWith(prefix) && name > after;

const mayHold = (folder: string, { prefix, after }: Listing): boolean =>
  (folder.startsWith(prefix) || prefix.startsWith(folder)) && (folder > after || after.startsWith(folder));

const entriesOf = async (folder: string): Promise<readonly Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    // The folder was not written to yet, or a part of the prefix is a file.
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
};
