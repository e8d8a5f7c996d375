import { replayStep, settledLetter } from '../../core/replay.ts';
import { deadLetterPartition, type SubscriptionState } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';

/**
 * The state after the step that a replay takes before anything else is sent (see `replayStep`), for the caller to store; `undefined`: none.
 * A dead letter that was sent is removed before: should the process die in between, the step is taken again, and what was counted is still
 * in the state.
 */
export const takeReplayStep = async (
  records: RecordStore,
  subscription: string,
  state: SubscriptionState,
): Promise<SubscriptionState | undefined> => {
  const next = replayStep(state);
  const letter = next && settledLetter(state);
  if (letter !== undefined) {
    const record = await records.get(deadLetterPartition(subscription), letter);
    if (record) await records.remove(deadLetterPartition(subscription), letter, record.version);
  }
  return next;
};
