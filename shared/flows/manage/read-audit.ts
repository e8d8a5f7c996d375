import type { AuditEvent } from '../../core/audit-event.ts';
import { RetryLater } from '../../core/errors.ts';
import type { AuditDeps } from './audit-journal.ts';
import type { Caller } from './caller.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';

/**
 * What was changed of the caller's things, by whomever, the oldest first; an operator's are everybody's. A page may be short, or empty,
 * and have a `next` all the same.
 * @param options.from ISO 8601: not what happened before
 * @throws BadRequest `after` is not what a page gave
 */
export const readAudit = async (
  _deps: AuditDeps,
  _caller: Caller,
  _options: PageOptions & { readonly from?: string },
): Promise<Page<AuditEvent>> => {
  throw new RetryLater('Not built yet.');
};
