/**
 * What a creation or a deletion that crashed leaves behind is found by a note of its own (`unfinished/<id>`), written before anything else
 * and removed when all is done.
 */
import { messageOf, SluiceError } from '../../core/errors.ts';
import { deadLetterPartition, subscriptionPartition } from '../../core/subscription-state.ts';
import type { RecordStore } from '../../ports/record-store.ts';
import { eachRecord } from '../records/each-record.ts';
import { readStored, removeStored } from '../roster/stored.ts';
import type { AuditDeps } from './audit-journal.ts';
import { settledRemove, settleLast } from './audited-write.ts';
import type { ManageDeps } from './manage-deps.ts';
import { testPartition } from './reserve-test.ts';

type NoteDeps = Pick<ManageDeps, 'records' | 'clock'>;

interface Note {
  readonly notedAtMs: number;
}

const partition = 'unfinished';
/** Longer than any call or delivery lives: until then one of them may write once more. */
const settledAfterMs = 3_600_000;
const pageSize = 100;

export const leaveToSweep = async ({ records, clock }: NoteDeps, id: string): Promise<void> => {
  const value: Note = { notedAtMs: clock.nowMs() };
  const stored = await records.get(partition, id);
  await records.compareAndSet({ partition, id, value }, stored?.version ?? 0);
};

/** Awaits the last steps after a change that is made. If one of them fails, the change does not: the sweep repeats the steps. */
export const afterChange = async (
  { telemetry }: Pick<ManageDeps, 'telemetry'>,
  id: string,
  rest: Promise<void>,
): Promise<void> => {
  try {
    await rest;
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const what = `Subscription "${id}" was changed; what is left to do is done by the sweep, hourly: ${messageOf(error)}`;
    telemetry.notice('warn', what, { subscription: id });
  }
};

/** All is done: nothing is left to sweep. */
export const swept = async ({ records }: Pick<NoteDeps, 'records'>, id: string): Promise<void> => {
  const stored = await records.get(partition, id);
  if (stored) await records.remove(partition, id, stored.version);
};

/**
 * Removes what is left of subscriptions that were deleted, or whose creation crashed; hourly. A deleted one stays as a tombstone for an hour,
 * and is swept again then: a delivery that was under way may have written its state once more.
 * @returns how many were finished
 */
export const sweepSubscriptions = async (deps: AuditDeps): Promise<number> => {
  const { records, clock } = deps;
  let finished = 0;
  for await (const { id, value } of eachRecord(records, partition, { pageSize })) {
    const isSettled = clock.nowMs() - (value as Note).notedAtMs > settledAfterMs;
    if (isSettled && (await finish(deps, id))) finished += 1;
  }
  return finished;
};

const finish = async (deps: AuditDeps, id: string): Promise<boolean> => {
  const { records } = deps;
  const found = await readStored(records, id);
  if (!found || found.stored.deletedAt !== undefined) await removeTraces(deps, id);
  if (found?.stored.deletedAt !== undefined) {
    await settleLast(deps, { value: found.stored });
    if ((await removeStored(records, id, found.version)) === 'conflict') return false;
  }
  await swept(deps, id);
  return true;
};

/**
 * State, dead letters, and what limits test messages. Attempts expire by themselves.
 * @throws RetryLater, OperatorMustFix also when a change of them was never journaled, and cannot be now: nothing goes unaudited
 */
export const removeTraces = async (deps: AuditDeps, id: string): Promise<void> => {
  await removeWhole(deps, subscriptionPartition, id);
  await removeWhole(deps, testPartition, id);
  await removeAll(deps.records, deadLetterPartition(id));
};

/** Whoever writes it meanwhile is a delivery that has not noticed yet; it ends with that write. */
const removeWhole = async (deps: AuditDeps, of: string, id: string): Promise<void> => {
  for (;;) {
    const record = await deps.records.get(of, id);
    if (!record || (await settledRemove(deps, record)) === 'removed') return;
  }
};

const removeAll = async (records: RecordStore, of: string): Promise<void> => {
  for (;;) {
    const page = await records.range(of, { limit: pageSize });
    if (page.length === 0) return;
    for (const { id, version } of page) await records.remove(of, id, version);
  }
};
