import { type Checkpoint, checkpointPartition } from '../../core/checkpoint.ts';
import { OperatorMustFix } from '../../core/errors.ts';
import { isExceptionListRef } from '../../core/exception-list.ts';
import { beginningOfTime, type Instant, instantFromMs, msOf } from '../../core/instant.ts';
import { isLeftWalk } from '../../core/left-walk.ts';
import type { Manifest } from '../../core/segment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';
import { checkpointRecord } from '../checkpoint-record.ts';
import type { Journal } from '../journal/open-journal.ts';

/** `SLUICE_START`, as the settings read it. */
export type Start =
  | { readonly kind: 'beginning' }
  | { readonly kind: 'ago'; readonly ms: number }
  | { readonly kind: 'at'; readonly instant: string };

export interface LoadedCheckpoint {
  readonly checkpoint: Checkpoint;
  /** Of the record; 0 when there is none yet. */
  readonly version: number;
  /** The newest manifest of the journal, which may be ahead of the checkpoint: an earlier run died between the two. */
  readonly head: Manifest | undefined;
}

interface Deps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
}

/** A watermark lies behind the clock that wrote it. So far ahead of ours there is nothing left to walk: one of the two is wrong. */
const aheadMs = 5 * 60_000;

/**
 * The checkpoint of a source, held against its journal. A missing one is made only for an empty journal: nothing ever starts
 * again from zero by itself.
 * @throws OperatorMustFix when state and journal do not belong together
 */
export const loadCheckpoint = async ({ journal, records, clock }: Deps, start: Start): Promise<LoadedCheckpoint> => {
  const stored = await checkpointRecord({ journal, records });
  if (stored === 'none') return firstCheckpoint({ journal, records, clock }, start);
  if (stored === 'lost')
    throw new OperatorMustFix(
      `There is no checkpoint of source "${journal.source}" in ${records.description}, but ${journal.description} holds its journal. Restore the state, or run: npx sluice rebuild-checkpoint`,
    );
  const checkpoint = readCheckpoint(stored, { records, journal });
  if (msOf(checkpoint.watermark) > clock.nowMs() + aheadMs)
    throw new OperatorMustFix(
      `The checkpoint of source "${journal.source}" is in the future (${checkpoint.watermark}). Check the clock of this machine, or run: npx sluice rebuild-checkpoint`,
    );
  const head = await journal.provenHead(checkpoint.head);
  return {
    checkpoint: { ...checkpoint, exceptions: await withNewer(journal, checkpoint, head) },
    version: stored.version,
    head,
  };
};

/** Writes the first checkpoint before anything is appended: a run that dies after its append is then picked up like any other. */
const firstCheckpoint = async (deps: Deps, start: Start): Promise<LoadedCheckpoint> => {
  const scannedAt = new Date(deps.clock.nowMs()).toISOString();
  const begin = firstWatermark(start, deps.clock.nowMs());
  const checkpoint = { begin, watermark: begin, head: 0, scannedAt, exceptions: [] };
  if ((await storeCheckpoint(deps, checkpoint, 0)) === 'conflict') return loadCheckpoint(deps, start);
  return { checkpoint, version: 1, head: undefined };
};

/** Exceptions appended by a run that died before it moved the checkpoint. */
const withNewer = async (
  journal: Journal,
  checkpoint: Checkpoint,
  head: Manifest | undefined,
): Promise<readonly number[]> => {
  const newer: number[] = [];
  for (let at = head; at && at.seq > checkpoint.head; at = await journal.previous(at))
    if (at.kind === 'exception') newer.unshift(at.seq);
  return [...checkpoint.exceptions, ...newer];
};

export const storeCheckpoint = (
  { journal, records }: Pick<Deps, 'journal' | 'records'>,
  checkpoint: Checkpoint,
  version: number,
): Promise<'stored' | 'conflict'> =>
  records.compareAndSet({ partition: checkpointPartition, id: journal.source, value: checkpoint }, version);

export const firstWatermark = (start: Start, nowMs: number): Instant => {
  switch (start.kind) {
    case 'beginning':
      return beginningOfTime;
    case 'ago':
      return instantFromMs(Math.max(0, nowMs - start.ms));
    case 'at':
      return instantFromMs(Date.parse(start.instant));
    default:
      return start satisfies never;
  }
};

const instantShape = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/;

/**
 * The checkpoint in its record.
 * @throws OperatorMustFix when it is not one
 */
export const readCheckpoint = (
  { value }: Pick<StoredRecord, 'value'>,
  { records, journal }: Pick<Deps, 'records' | 'journal'>,
): Checkpoint => {
  const record = (typeof value === 'object' && value !== null ? value : {}) as Partial<
    Record<keyof Checkpoint, unknown>
  >;
  const { begin, watermark, head, scannedAt, exceptions, listed, left } = record;
  const whole =
    [begin, watermark].every((instant) => typeof instant === 'string' && instantShape.test(instant)) &&
    Number.isSafeInteger(head) &&
    Number(head) >= 0 &&
    typeof scannedAt === 'string' &&
    Array.isArray(exceptions) &&
    exceptions.every(Number.isSafeInteger) &&
    (listed === undefined || isExceptionListRef(listed)) &&
    (left === undefined || isLeftWalk(left));
  if (!whole)
    throw new OperatorMustFix(
      `The checkpoint of source "${journal.source}" in ${records.description} cannot be read. Restore the state from a backup, or run: npx sluice rebuild-checkpoint`,
    );
  return record as unknown as Checkpoint;
};
