import { type Manifest, manifestName, manifestPrefix } from '../../core/segment.ts';
import type { Break } from '../../core/verify/break.ts';
import { checkManifest } from '../../core/verify/manifest-breaks.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { inOrder } from './in-order.ts';
import { namesUnder } from './names.ts';

const manifestsAtOnce = 32;

/** The manifests from the first to the last, each checked against the one before; after a break none follows. */
export async function* walkManifests(
  store: BlobStore,
  source: string,
): AsyncGenerator<Manifest | { readonly break: Break }, void, void> {
  let before: Manifest | undefined;
  const read = async (name: string) => ({ name, bytes: await store.get(name) });
  for await (const { name, bytes } of inOrder(namesUnder(store, manifestPrefix(source)), manifestsAtOnce, read)) {
    const seq = (before?.seq ?? 0) + 1;
    const misplaced = nameBreak(name, source, seq);
    if (misplaced || !bytes) {
      yield { break: misplaced ?? missing(source, seq, 'a name that was listed, and nothing under it') };
      return;
    }
    const manifest = checkManifest(bytes, { source, seq, before });
    yield manifest;
    if ('break' in manifest) return;
    before = manifest;
  }
}

const missing = (source: string, seq: number, found: string): Break => ({
  kind: 'missing',
  place: manifestName(source, seq),
  from: seq,
  expected: `the manifest of segment ${seq}`,
  found,
});

/** Names come in order: the next one is that of the next segment, or something is missing, or it is none of ours. */
const nameBreak = (name: string, source: string, seq: number): Break | undefined => {
  const expected = manifestName(source, seq);
  if (name === expected) return undefined;
  const later = Number(name.slice(manifestPrefix(source).length).replace(/\.json$/, ''));
  if (later > seq && name === manifestName(source, later))
    return missing(source, seq, `none, although that of segment ${later} is there`);
  return { kind: 'inserted', place: name, from: seq, expected: 'nothing of this name', found: 'an object' };
};

/** About how many manifests there are, for a progress bar: found by leaps, not by listing them. */
export const countManifests = async (store: BlobStore, source: string): Promise<number> => {
  const reaches = async (seq: number): Promise<boolean> =>
    (await store.list(manifestPrefix(source), { after: manifestName(source, seq - 1), limit: 1 })).length > 0;
  let least = 0;
  let most = 1;
  for (; most < 2 ** 32 && (await reaches(most)); most *= 2) least = most;
  while (most - least > 1) {
    const middle = Math.floor((least + most) / 2);
    if (await reaches(middle)) least = middle;
    else most = middle;
  }
  return least;
};
