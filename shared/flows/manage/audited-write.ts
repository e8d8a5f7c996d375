/**
 * A change and its audit event, whatever crashes in between: the event is noted first (`change/<event>`), the record is written together with
 * the event's name (`lastChange`), then the event is journaled and the note removed. A note whose record bears its name happened; one whose
 * record does not, and that is old, did not. No name is overwritten before its note is dealt with, so none is lost.
 */
import { randomUUID } from 'node:crypto';
import { type AuditEvent, auditEvent, type Change } from '../../core/audit-event.ts';
import { messageOf, SluiceError } from '../../core/errors.ts';
import type { RecordStore, RecordWrite, StoredRecord } from '../../ports/record-store.ts';
import { eachRecord } from '../records/each-record.ts';
import { type AuditDeps, journalOnce, knownAuditHead } from './audit-journal.ts';

interface Note {
  readonly event: AuditEvent;
  /** The record that bears the event's name once the change is made; that is gone, when `removes`. */
  readonly partition: string;
  readonly id: string;
  readonly removes?: true;
  /** A segment of the audit journal before the event. */
  readonly since: number;
  readonly notedAtMs: number;
}

const partition = 'change';
/** A call is over by then, or dead: no Lambda and no request lives longer. */
const underWayMs = 15 * 60_000;

/**
 * Writes a record, a JSON object, together with the mark of the change (`lastChange`), and journals the change once, whatever crashes
 * meanwhile: what this call leaves undone is done by the next change of the record, or by `flushAudit`.
 * @returns `conflict`: nothing was written, nothing is journaled
 * @throws RetryLater also when the change that was made before this one cannot be journaled: nothing goes unaudited
 */
export const auditedWrite = async (
  deps: AuditDeps,
  record: RecordWrite & { readonly value: object },
  expected: number,
  change: Change,
): Promise<'stored' | 'conflict'> => {
  const noted = await note(deps, record, expected, change);
  if (noted === 'conflict') return 'conflict';
  const value = { ...record.value, lastChange: noted.id };
  if ((await deps.records.compareAndSet({ ...record, value }, expected)) === 'conflict') {
    deps.once?.notChanged();
    await forget(deps.records, noted.id);
    return 'conflict';
  }
  await journalNow(deps, noted);
  return 'stored';
};

/** The same for a record that is removed. Of two that remove it at once, both may be journaled when one of them crashes. */
export const auditedRemove = async (
  deps: AuditDeps,
  record: Pick<RecordWrite, 'partition' | 'id'>,
  expected: number,
  change: Change,
): Promise<'removed' | 'conflict'> => {
  const noted = await note(deps, { ...record, removes: true }, expected, change);
  if (noted === 'conflict') return 'conflict';
  if ((await deps.records.remove(record.partition, record.id, expected)) === 'conflict') {
    deps.once?.notChanged();
    await forget(deps.records, noted.id);
    return 'conflict';
  }
  await journalNow(deps, noted);
  return 'removed';
};

/**
 * Removes a record that nobody needs any more, which is no change to audit. What its last change left undone is done before: with the record
 * goes the mark that tells that it happened.
 * @throws RetryLater when the last change cannot be journaled; nothing was removed
 */
export const settledRemove = async (deps: AuditDeps, record: StoredRecord): Promise<'removed' | 'conflict'> => {
  await settleLast(deps, record);
  return deps.records.remove(record.partition, record.id, record.version);
};

/** Journals what crashed calls left behind; hourly. @returns how many changes were journaled */
export const flushAudit = async (deps: AuditDeps): Promise<number> => {
  const { records, clock } = deps;
  let journaled = 0;
  for await (const record of eachRecord(records, partition, { pageSize })) {
    const noted = noteIn(record);
    if (await happened(records, noted)) {
      await settle(deps, noted);
      journaled += 1;
    } else if (clock.nowMs() - noted.value.notedAtMs > underWayMs) await forget(records, noted.id);
  }
  return journaled;
};

const pageSize = 100;

interface Noted {
  readonly id: string;
  readonly value: Note;
}

const noteIn = ({ id, value }: StoredRecord): Noted => ({ id, value: value as Note });

const note = async (
  deps: AuditDeps,
  { partition: of, id, removes }: Pick<RecordWrite, 'partition' | 'id'> & { readonly removes?: true },
  expected: number,
  change: Change,
): Promise<Noted | 'conflict'> => {
  const { records, clock } = deps;
  const before = await records.get(of, id);
  if ((before?.version ?? 0) !== expected) return 'conflict';
  await settleLast(deps, before);
  const nowMs = clock.nowMs();
  const eventId = randomUUID();
  const value: Note = {
    event: auditEvent(change, { eventId, nowMs }),
    partition: of,
    id,
    ...(removes && { removes }),
    since: await knownAuditHead(deps),
    notedAtMs: nowMs,
  };
  await deps.once?.changing();
  await records.compareAndSet({ partition, id: eventId, value }, 0);
  return { id: eventId, value };
};

/**
 * What the last change of this record left undone.
 * @throws RetryLater, OperatorMustFix when the audit journal cannot be read or written
 */
export const settleLast = async (deps: AuditDeps, record: Pick<StoredRecord, 'value'> | undefined): Promise<void> => {
  const name = lastChangeOf(record);
  const left = name === undefined ? undefined : await deps.records.get(partition, name);
  if (left) await settle(deps, noteIn(left));
};

const lastChangeOf = (record: Pick<StoredRecord, 'value'> | undefined): string | undefined => {
  const { lastChange } = (record?.value ?? {}) as { readonly lastChange?: unknown };
  return typeof lastChange === 'string' ? lastChange : undefined;
};

const happened = async (records: RecordStore, { id, value }: Noted): Promise<boolean> => {
  const record = await records.get(value.partition, value.id);
  return value.removes ? record === undefined : lastChangeOf(record) === id;
};

const settle = async (deps: AuditDeps, { id, value }: Noted): Promise<void> => {
  await journalOnce(deps, value.event, value.since);
  await forget(deps.records, id);
};

/** The change is made: that it cannot be journaled this very moment is no failure of it. The note stays. */
const journalNow = async (deps: AuditDeps, noted: Noted): Promise<void> => {
  try {
    await settle(deps, noted);
  } catch (error) {
    if (!(error instanceof SluiceError)) throw error;
    const { action } = noted.value.event.event;
    deps.telemetry.notice('warn', `The audit event of ${action} waits to be journaled: ${messageOf(error)}`);
  }
};

const forget = async (records: RecordStore, id: string): Promise<void> => {
  // Version 1: a note is written once. A conflict: somebody else has dealt with it.
  await records.remove(partition, id, 1);
};
