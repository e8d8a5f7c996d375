import { sha256Hex } from '../../core/segment.ts';
import type { Subscription } from '../../core/subscription.ts';
import type { RecordStore } from '../../ports/record-store.ts';

/** Per source: `WakeRecord` under its id, `Registered` under `registeredId`. */
export const wakePartition = 'wake';

export const registeredId = (source: string): string => `${source}/registered`;

/** Whose beginnings are recorded; lost, it costs one look at everybody. */
export interface Registered {
  /** `fileRoster` of the settings' file. */
  readonly file: string;
}

/** What was looked at the last time somebody was woken; lost, it costs one look at everybody. */
export interface WakeRecord {
  /** Whoever had something to do in the journal up to this segment was woken. */
  readonly head: number;
  /** `fileRoster` of the settings' file, when everybody was looked at last for its sake. */
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
