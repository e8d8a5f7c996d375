import type { Cursor } from '../../core/batch.ts';
import { everyTenant } from '../../core/event.ts';
import { isBefore } from '../../core/replay.ts';
import { type Manifest, noHash } from '../../core/segment.ts';
import { lineAt } from '../journal/lines.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { View } from '../journal/viewed-lines.ts';

/** What lies between a cursor and the end of a batch. */
export interface Gathered {
  /** In the form in which they travel. */
  readonly lines: readonly Uint8Array[];
  /** Where the last of the lines stands; `undefined` without lines. */
  readonly lastAt: Cursor | undefined;
  /** The next event to consider once this is delivered. */
  readonly end: Cursor;
  /** `hash` of the last segment that was read of: it stands for all that the journal holds up to the end. */
  readonly record: string;
  /** Events passed over because the filter does not want them. */
  readonly filtered: number;
  /** `full`: no more fits · `all`: the journal ends here. */
  readonly extent: 'full' | 'all';
  /** When the first and the last of the lines were journaled, ISO 8601; `undefined` without lines. */
  readonly oldestCommittedAt: string | undefined;
  readonly newestCommittedAt: string | undefined;
}

export interface GatherOptions {
  readonly tenant: string;
  /** `undefined`: every event, as it lies in the journal. */
  readonly view: View | undefined;
  readonly maxEvents: number;
  /** Sum of the lines as they travel, each with a separator. */
  readonly maxBytes: number;
  /** A claim's end: exactly up to here, whatever the limits. */
  readonly end?: Cursor;
  /** Not beyond here, within the limits. Not looked at where there is `end`. */
  readonly until?: Cursor;
  /** Segments of which no event is wanted: they are passed over unread. */
  readonly skips?: (segment: Manifest) => boolean;
}

/**
 * The subscription's matching events from `cursor` on. The journal never changes, so the same cursor and the same end give the
 * same lines for ever. At least one line is taken, however large.
 */
export const gatherBatch = async (journal: Journal, cursor: Cursor, options: GatherOptions): Promise<Gathered> => {
  const lines: Uint8Array[] = [];
  let bytes = 0;
  let filtered = 0;
  let oldest: string | undefined;
  let newest: string | undefined;
  let { segment, index } = cursor;
  let record = noHash;
  let lastAt: Cursor | undefined;
  const gathered = (extent: Gathered['extent']): Gathered => ({
    lines,
    lastAt,
    end: { segment, index },
    record,
    filtered,
    extent,
    oldestCommittedAt: oldest,
    newestCommittedAt: newest,
  });

  const last = options.end ?? options.until;
  for (;;) {
    // Here and not only among the lines below: a segment that holds nothing of this tenant has none.
    if (last && !isBefore({ segment, index }, last)) return gathered('full');
    const manifest = await journal.manifest(segment);
    if (!manifest) return gathered('all');
    const stop = last?.segment === segment ? last.index : Number.POSITIVE_INFINITY;
    const isSkipped = options.skips?.(manifest) === true;
    let passed = 0;
    for (const { tenant, count } of blocksOf(manifest, options.tenant)) {
      const first = passed;
      passed += count;
      if (index >= passed) continue;
      const lineAt = isSkipped ? nothing : await readerOf(journal, manifest, tenant, options.view);
      // Once per block, at its first batch: the next segment is unpacked while this one is sent.
      if (options.tenant !== everyTenant && index < options.maxEvents) journal.readAhead(segment + 1, tenant);
      for (; index < Math.min(passed, stop); index += 1) {
        const line = lineAt(index - first);
        if (!line) {
          filtered += 1;
          continue;
        }
        const fits = lines.length < options.maxEvents && bytes + line.length + 1 <= options.maxBytes;
        if (!options.end && lines.length > 0 && !fits) return gathered('full');
        lines.push(line);
        lastAt = { segment, index };
        record = manifest.hash;
        bytes += line.length + 1;
        oldest ??= manifest.committedAt;
        newest = manifest.committedAt;
      }
      if (index >= stop) return gathered('full');
    }
    segment += 1;
    index = 0;
  }
};

const nothing = (): undefined => undefined;

const readerOf = async (
  journal: Journal,
  manifest: Manifest,
  tenant: string,
  view: View | undefined,
): Promise<(index: number) => Uint8Array | undefined> => {
  if (view) return (await journal.viewedLines(manifest, tenant, view)).at;
  const block = await journal.lines(manifest, tenant);
  return (index) => lineAt(block, index);
};

/**
 * The blocks a subscription reads of a segment, in the object's order: an index counts through them. Who receives every event has had
 * those of kind `reattributed` before.
 */
export const blocksOf = (
  manifest: Manifest,
  tenant: string,
): readonly { readonly tenant: string; readonly count: number }[] => {
  if (tenant !== everyTenant) return [{ tenant, count: manifest.tenants[tenant]?.count ?? 0 }];
  if (manifest.kind === 'reattributed') return [];
  return Object.entries(manifest.tenants)
    .sort(([, a], [, b]) => a.offset - b.offset)
    .map(([id, { count }]) => ({ tenant: id, count }));
};
