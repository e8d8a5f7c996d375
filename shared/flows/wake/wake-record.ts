import { sha256Hex } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { RecordStore } from '../../ports/record-store.ts';

/** One record per source. */
export const wakePartition = 'wake';

/** What was looked at the last time somebody was woken; lost, it costs one look at everybody. */
export interface WakeRecord {
  /** Whoever had something to do in the journal up to this segment was woken. */
  readonly head: number;
  /** `fileRoster` of the settings' file whose subscriptions are registered and were woken. */
  readonly file: string;
  /** When the last look at everybody began, epoch ms. */
  readonly lookedAtMs: number;
  /** Where it goes on; absent: it is over. */
  readonly lookFrom?: string;
}

export interface ReadWake {
  /** `undefined`: there is none, or it cannot be read. */
  readonly woken: WakeRecord | undefined;
  /** Of the record; 0 when there is none. */
  readonly version: number;
}

export const readWake = async (records: RecordStore, source: string): Promise<ReadWake> => {
  const record = await records.get(wakePartition, source);
  const woken = (record?.value ?? {}) as Partial<WakeRecord>;
  const { head, file, lookedAtMs, lookFrom } = woken;
  const isWhole =
    Number.isSafeInteger(head) &&
    typeof file === 'string' &&
    typeof lookedAtMs === 'number' &&
    (lookFrom === undefined || typeof lookFrom === 'string');
  return { woken: isWhole ? (woken as WakeRecord) : undefined, version: record?.version ?? 0 };
};

/** Changes whenever a subscription comes into the settings' file or leaves it. */
export const fileRoster = (fromFile: readonly Subscription[]): string =>
  sha256Hex(
    fromFile
      .map(({ id }) => id)
      .sort()
      .join('\n'),
  ).slice(0, 16);
