import type { Batch, Cursor } from '../../core/batch.ts';
import type { DeadLetter } from '../../core/dead-letter.ts';
import { eventIdIn } from '../../core/form.ts';
import { deadLetterPartition, type SubscriptionState } from '../../core/subscription-state.ts';
import type { RecordStore, StoredRecord } from '../../ports/record-store.ts';

/**
 * The letter of the one event of a batch, for the state that counts it (`SubscriptionState.deadLetter`). `undefined`: a dead letter was sent
 * again and refused again, and stays the one it was.
 */
export const letterOf = async (
  records: RecordStore,
  batch: Batch,
  given: {
    readonly answer: string;
    readonly nowMs: number;
    /** As it was when the batch was sent. */
    readonly state: SubscriptionState;
    /** Where the event stands. */
    readonly at: Cursor;
  },
): Promise<DeadLetter | undefined> => {
  const [line] = batch.lines;
  const event = line ? eventIdIn(line) : '';
  const { answer, nowMs, at, state } = given;
  const again = state.replay?.resume && state.replay.letter;
  if (again && letterIn(await records.get(deadLetterPartition(batch.subscription), again.id))?.event === event)
    return undefined;
  return {
    event,
    from: at,
    to: { ...at, index: at.index + 1 },
    batch: batch.id,
    ...(!state.replay?.resume && { account: state.account ?? 0 }),
    answer,
    at: new Date(nowMs).toISOString(),
  };
};

/** Records a letter that the state of its subscription holds. Recording it twice (a crash before the state let go of it) leaves one record. */
export const bury = async (records: RecordStore, subscription: string, letter: DeadLetter): Promise<void> => {
  await records.compareAndSet({ partition: deadLetterPartition(subscription), id: letter.batch, value: letter }, 0);
};

/** A damaged record is none. */
export const letterIn = (record: StoredRecord | undefined): DeadLetter | undefined => {
  const letter = (record?.value ?? {}) as Partial<DeadLetter>;
  return typeof letter.event === 'string' && typeof letter.batch === 'string' ? (letter as DeadLetter) : undefined;
};
