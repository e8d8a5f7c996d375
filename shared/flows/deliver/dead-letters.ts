import type { Batch, Cursor } from '../../core/batch.ts';
import type { EcsEvent } from '../../core/event.ts';
import { deadLetterPartition } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';

/** An event that a destination can never accept: the journal keeps it, this record says which and why. */
export interface DeadLetter {
  /** `event.id`. */
  readonly event: string;
  /** Between these two cursors of its subscription the journal holds it; `to` is exclusive. Absent in older letters. */
  readonly from?: Cursor;
  readonly to?: Cursor;
  readonly batch: string;
  /** What the destination said, masked. */
  readonly answer: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Records the one event of a batch. Recording it twice (a crash before the cursor moved) leaves one record. */
export const bury = async (
  records: RecordStore,
  batch: Batch,
  given: { readonly answer: string; readonly nowMs: number; readonly from: Cursor; readonly to: Cursor },
): Promise<void> => {
  const [line] = batch.lines;
  const event = line ? (JSON.parse(Buffer.from(line).toString('utf8')) as EcsEvent).event.id : '';
  const { answer, nowMs, from, to } = given;
  const letter: DeadLetter = { event, from, to, batch: batch.id, answer, at: new Date(nowMs).toISOString() };
  await records.compareAndSet({ partition: deadLetterPartition(batch.subscription), id: batch.id, value: letter }, 0);
};
