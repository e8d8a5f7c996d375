import type { Batch, Cursor } from '../../core/batch.ts';
import { eventIdIn } from '../../core/form.ts';
import { deadLetterPartition, type SubscriptionState } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';

/** An event that a destination can never accept: the journal keeps it, this record says which and why. */
export interface DeadLetter {
  /** `event.id`. */
  readonly event: string;
  /** Between these two cursors of its subscription the journal holds it; `to` is exclusive. Absent in older letters. */
  readonly from?: Cursor;
  readonly to?: Cursor;
  /** Of the batch that held it. */
  readonly batch: string;
  /** The account (`SubscriptionState.account`) whose `counts` hold it; absent: it was refused while it was sent once more, and counted before. */
  readonly account?: number;
  /** What the destination said, masked. */
  readonly answer: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Records the one event of a batch. Recording it twice (a crash before the cursor moved) leaves one record; a dead letter that was sent again
 * and refused again stays the one it was.
 */
export const bury = async (
  records: RecordStore,
  batch: Batch,
  given: {
    readonly answer: string;
    readonly nowMs: number;
    /** As it was when the batch was sent. */
    readonly state: SubscriptionState;
    readonly to: Cursor;
  },
): Promise<void> => {
  const [line] = batch.lines;
  const event = line ? eventIdIn(line) : '';
  const { answer, nowMs, to, state } = given;
  const partition = deadLetterPartition(batch.subscription);
  const again = state.replay?.resume && state.replay.letter;
  if (again && letterIn(await records.get(partition, again.id))?.event === event) return;
  const letter: DeadLetter = {
    event,
    from: state.cursor,
    to,
    batch: batch.id,
    ...(!state.replay?.resume && { account: state.account ?? 0 }),
    answer,
    at: new Date(nowMs).toISOString(),
  };
  await records.compareAndSet({ partition, id: batch.id, value: letter }, 0);
};

/** A damaged record is none. */
export const letterIn = (record: StoredRecord | undefined): DeadLetter | undefined => {
  const letter = (record?.value ?? {}) as Partial<DeadLetter>;
  return typeof letter.event === 'string' && typeof letter.batch === 'string' ? (letter as DeadLetter) : undefined;
};
