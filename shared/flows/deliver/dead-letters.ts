import type { Batch } from '../../core/batch.ts';
import type { EcsEvent } from '../../core/event.ts';
import { deadLetterPartition } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';

/** An event that a destination can never accept: the journal keeps it, this record says which and why. */
export interface DeadLetter {
  /** `event.id`. */
  readonly event: string;
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
  { answer, nowMs }: { readonly answer: string; readonly nowMs: number },
): Promise<void> => {
  const [line] = batch.lines;
  const event = line ? (JSON.parse(Buffer.from(line).toString('utf8')) as EcsEvent).event.id : '';
  const letter: DeadLetter = { event, batch: batch.id, answer, at: new Date(nowMs).toISOString() };
  await records.compareAndSet({ partition: deadLetterPartition(batch.subscription), id: batch.id, value: letter }, 0);
};
