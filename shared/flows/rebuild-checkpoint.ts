import { type Checkpoint, checkpointPartition } from '../core/checkpoint.ts';
import { OperatorMustFix } from '../core/errors.ts';
import { noHash } from '../core/segment.ts';
import type { Subscription } from '../core/subscription.ts';
import { freshState, subscriptionPartition } from '../core/subscription-state.ts';
import type { RecordStore } from '../ports/record-store.ts';
import { storeState } from './deliver/load-state.ts';
import type { Journal } from './journal/open-journal.ts';

export interface Rebuilt {
  readonly checkpoint: Checkpoint;
  /** Subscriptions whose state was lost too: they begin at the journal's beginning, so that nothing is missed. */
  readonly restarted: readonly string[];
}

/**
 * Makes the checkpoint anew from the journal alone, whatever the state holds: its watermark is the one that was true when the last
 * segment was appended, so the next pull reads again what came after and the keys drop what is held.
 * @throws OperatorMustFix when the journal is empty, or its chain is broken
 */
export const rebuildCheckpoint = async (
  { journal, records }: { readonly journal: Journal; readonly records: RecordStore },
  subscriptions: readonly Subscription[],
): Promise<Rebuilt> => {
  const exceptions: number[] = [];
  let checkpoint: Checkpoint | undefined;
  let previous = noHash;
  for (let seq = 1; ; seq += 1) {
    const manifest = await journal.manifest(seq);
    if (!manifest) break;
    if (manifest.previous !== previous)
      throw new OperatorMustFix(
        `Segment ${seq} of source "${journal.source}" does not follow segment ${seq - 1}: the chain is broken. Restore the journal from a backup.`,
      );
    previous = manifest.hash;
    if (manifest.kind === 'exception') exceptions.push(seq);
    checkpoint = {
      begin: manifest.begin,
      watermark: manifest.watermark,
      head: seq,
      scannedAt: manifest.committedAt,
      exceptions: [...exceptions],
    };
  }
  if (!checkpoint)
    throw new OperatorMustFix(
      `${journal.description} holds no journal of source "${journal.source}": there is nothing to rebuild from.`,
    );
  const stored = await records.get(checkpointPartition, journal.source);
  const written = await records.compareAndSet(
    { partition: checkpointPartition, id: journal.source, value: checkpoint },
    stored?.version ?? 0,
  );
  if (written === 'conflict')
    throw new OperatorMustFix('Another run moved the checkpoint meanwhile. Stop all pulls, then run this again.');
  const restarted: string[] = [];
  for (const { id } of subscriptions) {
    if (await records.get(subscriptionPartition, id)) continue;
    if ((await storeState(records, id, freshState({ segment: 1, index: 0 }), 0, undefined)) === 'stored')
      restarted.push(id);
  }
  return { checkpoint, restarted };
};
