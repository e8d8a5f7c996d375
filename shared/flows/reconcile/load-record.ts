import { type Checkpoint, checkpointPartition } from '../../core/checkpoint.ts';
import { OperatorMustFix } from '../../core/errors.ts';
import type { Instant } from '../../core/instant.ts';
import { type Reconciliation, readReconciliation, reconcilePartition } from '../../core/reconcile.ts';
import type { Manifest } from '../../core/segment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import type { Journal } from '../journal/open-journal.ts';
import { loadCheckpoint } from '../pull/load-checkpoint.ts';
import { noTally } from './view-journal.ts';

interface Deps {
  readonly journal: Journal;
  readonly records: RecordStore;
  readonly clock: Clock;
}

/**
 * How far pull has come; `undefined` when nothing was ever pulled.
 * @throws OperatorMustFix when state and journal do not belong together
 */
export const loadPulled = async (
  deps: Deps,
): Promise<{ readonly checkpoint: Checkpoint; readonly head: Manifest | undefined } | undefined> => {
  const { journal, records } = deps;
  if (!(await records.get(checkpointPartition, journal.source)) && (await journal.isEmpty())) return undefined;
  // Never makes a first checkpoint here: there is one, or the journal holds something and it throws.
  const { checkpoint, head } = await loadCheckpoint(deps, { kind: 'beginning' });
  return { checkpoint, head };
};

export const loadReconciliation = async (
  { journal, records }: Pick<Deps, 'journal' | 'records'>,
  begin: Instant,
): Promise<Reconciliation> => {
  const stored = await records.get(reconcilePartition, journal.source);
  return readReconciliation(stored?.value) ?? nothingCompared(begin);
};

const nothingCompared = (begin: Instant): Reconciliation => ({
  completeThrough: begin,
  checkedAt: new Date(0).toISOString(),
  rungs: {},
  lateRecovered: 0,
  lateMissed: 0,
  removedAtSource: 0,
  exceptions: 0,
  tallied: noTally.upTo,
});

const mostRaces = 8;

/**
 * Writes what `next` makes of the stored record, read again after a lost race: two runs at once both have their say. A run that keeps
 * losing leaves it at that: the next one finds the same.
 */
export const storeReconciliation = async (
  { journal, records }: Pick<Deps, 'journal' | 'records'>,
  begin: Instant,
  next: (stored: Reconciliation) => Reconciliation,
): Promise<Reconciliation> => {
  for (let race = 0; ; race += 1) {
    const stored = await records.get(reconcilePartition, journal.source);
    const value = next(readReconciliation(stored?.value) ?? nothingCompared(begin));
    const write = { partition: reconcilePartition, id: journal.source, value };
    if ((await records.compareAndSet(write, stored?.version ?? 0)) === 'stored' || race >= mostRaces) return value;
  }
};

export const nothingPulled = (source: string): OperatorMustFix =>
  new OperatorMustFix(`Nothing of source "${source}" was pulled yet. Run: npx sluice pull`);
