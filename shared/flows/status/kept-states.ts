import { readSubscriptionState } from '../../core/subscription-repair.ts';
import { subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import { eachRecord } from '../records/each-record.ts';

/** The state of a subscription that is in no file and was not made by the API: it was removed or renamed, and nothing is sent for it. */
export interface KeptState {
  readonly id: string;
  /** Segments of the journal from its cursor on; which of their events it would receive its settings alone can say. */
  readonly segmentsBehind: number;
}

/** States of no known subscription, by id; one that cannot be read says nothing and is left out. */
export const keptStates = async (
  records: RecordStore,
  known: ReadonlySet<string>,
  head: number,
): Promise<readonly KeptState[]> => {
  const kept: KeptState[] = [];
  for await (const { id, value } of eachRecord(records, subscriptionPartition)) {
    const state = known.has(id) ? undefined : readSubscriptionState(value);
    if (state) kept.push({ id, segmentsBehind: Math.max(0, head + 1 - state.cursor.segment) });
  }
  return kept;
};

/** For people. */
export const keptSentence = ({ id, segmentsBehind }: KeptState): string =>
  `${id}: state kept, ${segmentsBehind} ${segmentsBehind === 1 ? 'segment' : 'segments'} behind the journal, in no file and not made by the API; nothing is sent. Written back under this id it goes on from there.`;
