import { OperatorMustFix } from '../../core/errors.ts';
import { type Manifest, objectPrefix, type Part } from '../../core/segment.ts';
import type { SegmentDraft } from '../../core/segment-draft.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import { settled } from '../settled.ts';
import { type AppendOptions, appendSegment } from './append-segment.ts';
import { type Compression, pooledGzip } from './compression.ts';
import { type ExceptionLists, exceptionLists } from './exception-lists.ts';
import { type Lines, linesOf, noLines } from './lines.ts';
import { type Manifests, readManifests, remedyFor, remedyForMissing } from './read-manifests.ts';
import { recent } from './recent.ts';
import { type SignedStates, signedStates } from './signed-states.ts';
import { sharedViews, type View, type ViewedLines } from './viewed-lines.ts';

/** The append-only record of one source, over a blob store. What was appended never changes. */
export interface Journal extends Omit<Manifests, 'remember'> {
  readonly source: string;
  readonly exceptions: ExceptionLists;
  /** For messages. */
  readonly description: string;
  /** The number of the oldest segment whose events are still there: those before it have expired. 1 while there is none. */
  oldest(): Promise<number>;
  /** How far the subscriptions had come when a head was last signed; read once. `undefined`: none was signed yet. */
  signed(): Promise<SignedStates | undefined>;
  /** The event keys of a segment, in the order of its blocks. */
  keys(manifest: Manifest): Promise<readonly string[]>;
  /** A tenant's events in a segment, one JSON text a line; none when it has none. */
  lines(manifest: Manifest, tenant: string): Promise<Lines>;
  /** The same through a view, each event looked at once for all who ask with the same view. */
  viewedLines(manifest: Manifest, tenant: string, view: View): Promise<ViewedLines>;
  /** Begins to read what will be asked for next; whether that succeeds shows when it is asked for. */
  readAhead(seq: number, tenant: string): void;
  /**
   * Appends one segment after `head`. The manifest's put-if-absent is the only commit point: before it nothing has happened,
   * after it the segment is there for ever. `lost race`: somebody else appended first; nothing of this draft is in the journal.
   * @throws OperatorMustFix when the journal has a hole behind `head`; looked for once, before the first append
   */
  append(
    draft: SegmentDraft,
    options: AppendOptions,
  ): Promise<{ readonly kind: 'appended'; readonly manifest: Manifest } | { readonly kind: 'lost race' }>;
}

const remedyForReceiver =
  "Restore it from a backup or from the bucket's versions; who fell behind the journal's retention goes on under a new id.";

/** A block is at most 8 MiB and a page by construction; more is not ours. */
const maxPartBytes = 256 * 1024 * 1024;
const largestChunkBytes = 32 * 1024 * 1024;

export const openJournal = ({
  store,
  source,
  compression = pooledGzip,
}: {
  readonly store: BlobStore;
  readonly source: string;
  readonly compression?: Compression;
}): Journal => {
  const manifests = readManifests({ store, source });
  const keyLists = recent<number, readonly string[]>({ most: 120_000, sizeOf: (keys) => keys.length + 1 });
  const blocks = recent<string, Lines>({
    most: 48 * 1024 * 1024,
    sizeOf: ({ bytes, starts }) => bytes.length + starts.byteLength,
  });

  const views = sharedViews();
  const underWay = new Map<string, Promise<Lines>>();
  /** Nothing lay behind the head when this process looked; afterwards its own appends would meet it. */
  let proven = false;

  const part = async (of: Manifest, { offset, length, count }: Part, ifMissing: string): Promise<Uint8Array> => {
    if (count === 0) return new Uint8Array();
    const zipped = await store.get(of.object, { offset, length });
    const name = `${store.description}/${of.object} of segment ${of.seq}`;
    if (!zipped) throw new OperatorMustFix(`${name} is missing: it has expired or was deleted. ${ifMissing}`);
    if (zipped.length !== length) throw new OperatorMustFix(`${name} is cut off. ${remedyFor(of.seq)}`);
    try {
      return await compression.unzip(zipped, { maxBytes: maxPartBytes, chunkBytes: chunkSizeFor(zipped) });
    } catch (cause) {
      throw new OperatorMustFix(`${name} cannot be unpacked. ${remedyFor(of.seq)}`, { cause });
    }
  };

  const readLines = async (of: Manifest, tenant: string, place: Part): Promise<Lines> => {
    const lines = linesOf(await part(of, place, remedyForReceiver), place.count);
    if (!lines)
      throw new OperatorMustFix(
        `${store.description}/${of.object} of segment ${of.seq} does not hold the ${place.count} events of "${tenant}" that its manifest names. ${remedyFor(of.seq)}`,
      );
    return lines;
  };

  const lines: Journal['lines'] = async (of, tenant) => {
    const place = of.tenants[tenant];
    if (!place) return noLines;
    const name = `${of.seq}/${tenant}`;
    const known = blocks.get(name);
    if (known) return known;
    const reading = underWay.get(name) ?? readLines(of, tenant, place);
    underWay.set(name, reading);
    try {
      const read = await reading;
      blocks.set(name, read);
      return read;
    } finally {
      underWay.delete(name);
    }
  };

  return {
    source,
    exceptions: exceptionLists({ store, source, compression }),
    description: store.description,
    ...manifests,
    provenHead: async (from) => {
      const head = await manifests.provenHead(from);
      proven = true;
      return head;
    },
    signed: signedStates(store, source),
    oldest: async () => {
      const [first] = await store.list(objectPrefix(source), { limit: 1 });
      return first === undefined ? 1 : Number.parseInt(first.slice(objectPrefix(source).length), 10);
    },
    keys: async (of) => {
      const known = keyLists.get(of.seq);
      if (known) return known;
      const text = Buffer.from(await part(of, of.keys, remedyForMissing(of.seq))).toString('latin1');
      const keys = text === '' ? [] : text.slice(0, -1).split('\n').map(unquoted);
      keyLists.set(of.seq, keys);
      return keys;
    },
    lines,
    viewedLines: async (of, tenant, view) => views(of, tenant, await lines(of, tenant), view),
    readAhead: (seq, tenant) => {
      void settled(manifests.manifest(seq).then((of) => of && lines(of, tenant)));
    },
    append: async (draft, options) => {
      if (!proven) await manifests.provenHead(options.head?.seq ?? 0);
      proven = true;
      const result = await appendSegment({ store, source, compression }, draft, options);
      if (result.kind === 'appended') {
        manifests.remember(result.manifest);
        keyLists.set(
          result.manifest.seq,
          draft.blocks().flatMap((block) => block.keys),
        );
      }
      return result;
    },
  };
};

/** The length a gzip member says it unpacks to (RFC 1952, ISIZE), so that it comes in one piece; a lie costs pieces, not memory. */
const chunkSizeFor = (zipped: Uint8Array): number => {
  const view = new DataView(zipped.buffer, zipped.byteOffset, zipped.byteLength);
  const said = zipped.length < 4 ? 0 : view.getUint32(zipped.length - 4, true);
  return Math.min(Math.max(said + 1, 1024), largestChunkBytes);
};

const unquoted = (line: string): string => line.slice(1, -1);
