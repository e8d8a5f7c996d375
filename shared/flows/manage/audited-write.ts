import type { Change } from '../../core/audit-event.ts';
import { RetryLater } from '../../core/errors.ts';
import type { RecordWrite } from '../../ports/record-store.ts';
import type { AuditDeps } from './audit-journal.ts';

/**
 * Writes a record, a JSON object, together with the mark of the change (`lastChange`), and journals the change once, whatever crashes
 * meanwhile: what this call leaves undone is done by the next change of the record, or by `flushAudit`.
 * @returns `conflict`: nothing was written, nothing is journaled
 */
export const auditedWrite = async (
  _deps: AuditDeps,
  _record: RecordWrite & { readonly value: object },
  _expected: number,
  _change: Change,
): Promise<'stored' | 'conflict'> => {
  throw new RetryLater('Not built yet.');
};

/** The same for a record that is removed. */
export const auditedRemove = async (
  _deps: AuditDeps,
  _record: Pick<RecordWrite, 'partition' | 'id'>,
  _expected: number,
  _change: Change,
): Promise<'removed' | 'conflict'> => {
  throw new RetryLater('Not built yet.');
};

/** Journals what crashed calls left behind; hourly. @returns how many changes were journaled */
export const flushAudit = async (_deps: AuditDeps): Promise<number> => {
  throw new RetryLater('Not built yet.');
};
