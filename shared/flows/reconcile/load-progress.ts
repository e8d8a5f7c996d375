import type { Looked, Minutes } from '../../core/reconcile-minutes.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Journal } from '../journal/open-journal.ts';
import type { Unmended } from './compare-range.ts';

/** How far a backfill has come. */
export interface Progress {
  /** Everything before is looked through, epoch ms. */
  readonly throughMs: number;
  readonly recovered: number;
  readonly segments: number;
  readonly differing: number;
  readonly refused: readonly Unmended[];
}

export interface LoadedProgress {
  readonly progress: Progress;
  readonly store: (progress: Progress) => Promise<void>;
  /** The backfill has ended: the next one with the same range begins anew. */
  readonly forget: () => Promise<void>;
}

export const backfillPartition = 'backfill';

/** What a backfill was asked for: the same again goes on, anything else begins anew. */
export interface Asked extends Minutes {
  readonly looked: Looked;
}

/** A record is at most 100 KB; minutes that were refused beyond these are refused again by the next backfill. */
const mostRefused = 200;

/**
 * The progress of this very backfill; that of another, or what cannot be read, is begun anew: nothing is doubled by looking again.
 * Of two backfills at once each works on its own; the record is that of the one that wrote last.
 */
export const loadProgress = async (
  { journal, records }: { readonly journal: Journal; readonly records: RecordStore },
  asked: Asked,
): Promise<LoadedProgress> => {
  const place = { partition: backfillPartition, id: journal.source };
  const stored = await records.get(place.partition, place.id);
  const begun: Progress = { throughMs: asked.fromMs, recovered: 0, segments: 0, differing: 0, refused: [] };
  let version = stored?.version ?? 0;
  return {
    progress: progressOf(stored?.value, asked) ?? begun,
    store: async (progress) => {
      const value = { asked, progress: { ...progress, refused: progress.refused.slice(0, mostRefused) } };
      const written = await records.compareAndSet({ ...place, value }, version);
      version = written === 'stored' ? version + 1 : ((await records.get(place.partition, place.id))?.version ?? 0);
    },
    forget: async () => {
      if (version > 0) await records.remove(place.partition, place.id, version);
    },
  };
};

const progressOf = (value: unknown, { fromMs, toMs, looked }: Asked): Progress | undefined => {
  const record = (typeof value === 'object' && value !== null ? value : {}) as {
    readonly asked?: Partial<Asked>;
    readonly progress?: Partial<Progress>;
  };
  const { asked, progress } = record;
  const isThisOne =
    asked?.fromMs === fromMs &&
    asked.toMs === toMs &&
    asked.looked === looked &&
    [progress?.throughMs, progress?.recovered, progress?.segments, progress?.differing].every(Number.isSafeInteger) &&
    Array.isArray(progress?.refused);
  return isThisOne ? (progress as Progress) : undefined;
};
