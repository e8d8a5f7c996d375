import { OperatorMustFix } from '../../core/errors.ts';
import { isIntact, type Manifest, manifestName, manifestPrefix, noHash } from '../../core/segment.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { recent } from './recent.ts';

/** The manifests of one source: each held against its own hash, and against the one before it where two are read in a row. */
export interface Manifests {
  /**
   * @returns `undefined` when nothing was appended under this number yet, or when it is missing: only the end of the journal tells
   * @throws OperatorMustFix when the manifest was altered or cannot be read
   */
  manifest(seq: number): Promise<Manifest | undefined>;
  /**
   * The manifest of a segment that is known to be appended.
   * @throws OperatorMustFix also when it is missing: the journal has a hole, or is not the one that the state belongs to
   */
  appended(seq: number): Promise<Manifest>;
  /**
   * The manifest that this one follows; `undefined` before the first.
   * @throws OperatorMustFix also when it is missing, or is not the one whose hash this one names
   */
  previous(of: Manifest): Promise<Manifest | undefined>;
  /** The newest manifest, looked for from `from` on (a number known to be appended, 0 for none). A hole looks like the end. */
  head(from: number): Promise<Manifest | undefined>;
  /**
   * The newest manifest, and proof that it is: nothing lies behind it. Costs one listing; from 0 on, one for each thousand segments.
   * @throws OperatorMustFix also when something does: the journal has a hole, and appending would fill it with something else
   */
  provenHead(from: number): Promise<Manifest | undefined>;
  isEmpty(): Promise<boolean>;
  /** A segment that was just appended: it need not be read. */
  remember(manifest: Manifest): void;
}

export const readManifests = ({ store, source }: { readonly store: BlobStore; readonly source: string }): Manifests => {
  const known = recent<number, Manifest>({ most: 5_000, sizeOf: () => 1 });
  const fileOf = (seq: number): string => `${store.description}/${manifestName(source, seq)}`;

  const manifest = async (seq: number): Promise<Manifest | undefined> => {
    const held = known.get(seq);
    if (held) return held;
    const bytes = await store.get(manifestName(source, seq));
    if (!bytes) return undefined;
    const read = parsed(bytes, fileOf(seq), remedyFor(seq));
    if (read.seq !== seq || read.source !== source || !isIntact(read))
      throw new OperatorMustFix(
        `${fileOf(seq)} is not what was appended: its hash does not match its content. ${remedyFor(seq)}`,
      );
    known.set(seq, read);
    return read;
  };

  const appended = async (seq: number): Promise<Manifest> => {
    const found = await manifest(seq);
    if (found) return found;
    throw new OperatorMustFix(
      `Segment ${seq} of source "${source}" was appended, but its manifest ${fileOf(seq)} is missing. Check SLUICE_JOURNAL_URL. ${remedyFor(seq)}`,
    );
  };

  const following = (before: Manifest | undefined, next: Manifest): Manifest => {
    if (next.previous === (before?.hash ?? noHash)) return next;
    throw new OperatorMustFix(
      `${fileOf(next.seq)} does not follow the segment before it: the chain is broken there. ${remedyFor(next.seq)}`,
    );
  };

  const head = async (from: number): Promise<Manifest | undefined> => {
    let found = from > 0 ? await appended(from) : undefined;
    for (;;) {
      const next = await manifest((found?.seq ?? 0) + 1);
      if (!next) return found;
      found = following(found, next);
    }
  };

  /** The last number that is listed: a journal of any length is not read one by one to find its end. */
  const lastListed = async (): Promise<number> => {
    for (let last: string | undefined; ; ) {
      const page = await store.list(manifestPrefix(source), {
        limit: 1000,
        ...(last !== undefined && { after: last }),
      });
      last = page.at(-1) ?? last;
      if (page.length < 1000)
        return last === undefined ? 0 : Number.parseInt(last.slice(manifestPrefix(source).length), 10);
    }
  };

  const provenHead = async (from: number): Promise<Manifest | undefined> => {
    for (let found = await head(from > 0 ? from : await lastListed()); ; ) {
      const end = found?.seq ?? 0;
      const after = end === 0 ? {} : { after: manifestName(source, end) };
      const [behind] = await store.list(manifestPrefix(source), { ...after, limit: 1 });
      if (behind === undefined) return found;
      // Appended since we looked, unless it is still not there: then the one behind it has lost the one before it.
      const grown = await head(end);
      if (grown === undefined || grown.seq === end)
        throw new OperatorMustFix(
          `The journal of source "${source}" has a hole: ${fileOf(end + 1)} is missing, but ${behind} is there. ${remedyFor(end + 1)}`,
        );
      found = grown;
    }
  };

  return {
    manifest,
    appended,
    previous: async (of) => {
      if (of.seq > 1) {
        const before = await appended(of.seq - 1);
        following(before, of);
        return before;
      }
      following(undefined, of);
      return undefined;
    },
    head,
    provenHead,
    isEmpty: async () => (await store.list(manifestPrefix(source), { limit: 1 })).length === 0,
    remember: (of) => known.set(of.seq, of),
  };
};

/**
 * Nothing was read past it. Without a backup the source still has the events: the journal is cut there and grows again. The heads that
 * were signed over the cut part contradict what grows; they are kept elsewhere, as evidence of the cut.
 */
export const remedyFor = (seq: number): string =>
  `Restore it from a backup; nothing was read past it. Without one: move the manifests, segments and heads from number ${seq} on away and run: npx sluice rebuild-checkpoint (the next pull then reads again from the source what they held).`;

/** An object that has expired is no damage: what its manifest says stays, and nothing is to be moved. */
export const remedyForMissing = (seq: number): string =>
  `If the journal's retention cannot have removed it: ${remedyFor(seq)}`;

const parsed = (bytes: Uint8Array, name: string, remedy: string): Manifest => {
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Manifest;
  } catch (cause) {
    throw new OperatorMustFix(`${name} is not JSON. ${remedy}`, { cause });
  }
  throw new OperatorMustFix(`${name} is no manifest. ${remedy}`);
};
