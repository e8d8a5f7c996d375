import type { AuditEvent } from '../../core/audit-event.ts';
import type { Cursor } from '../../core/batch.ts';
import { BadRequest } from '../../core/errors.ts';
import { everyTenant } from '../../core/event.ts';
import { existingInstant } from '../../core/existing-instant.ts';
import type { Manifest } from '../../core/segment.ts';
import { stateFrom } from '../deliver/load-state.ts';
import { lineAt } from '../journal/lines.ts';
import type { Journal } from '../journal/open-journal.ts';
import { type AuditDeps, auditBlock, knownAuditHead } from './audit-journal.ts';
import type { Caller } from './caller.ts';
import type { Page, PageOptions } from './read-subscriptions.ts';

/** One call looks at so many changes of others: a tenant that seldom changes anything is told to ask on. */
const mostLookedAt = 1_000;

/**
 * What was changed of the caller's things, by whomever, the oldest first; an operator's are everybody's. A page may be short, or empty,
 * and have a `next` all the same.
 * @param options.from ISO 8601: not what happened before
 * @throws BadRequest `after` is not what a page gave, `from` is no instant
 */
export const readAudit = async (
  deps: AuditDeps,
  caller: Caller,
  { after, from, limit }: PageOptions & { readonly from?: string },
): Promise<Page<AuditEvent>> => {
  const { audit } = deps;
  const instant = from === undefined ? undefined : instantOf(from);
  const head = await audit.head(await knownAuditHead(deps));
  const begin = after === undefined ? await firstOf(audit, head, instant) : placeOf(after);
  const items: AuditEvent[] = [];
  let { segment, index } = begin;
  for (let looked = 0; segment <= (head?.seq ?? 0) && looked < mostLookedAt; looked += 1) {
    const events = await eventsOf(audit, await audit.appended(segment), caller.tenant);
    for (; index < events.length && items.length < limit; index += 1) {
      const event = events[index];
      if (event && (instant === undefined || event['@timestamp'] >= instant.slice(0, 23))) items.push(event);
    }
    if (index < events.length) break;
    segment += 1;
    index = 0;
  }
  return segment > (head?.seq ?? 0) ? { items } : { items, next: `${segment}.${index}` };
};

const firstOf = async (audit: Journal, head: Manifest | undefined, from: string | undefined): Promise<Cursor> =>
  from === undefined ? { segment: 1, index: 0 } : (await stateFrom(audit, head, from)).cursor;

const eventsOf = async (audit: Journal, manifest: Manifest, tenant: string): Promise<readonly AuditEvent[]> => {
  const blocks = tenant === everyTenant ? Object.keys(manifest.tenants).sort() : [auditBlock(tenant)];
  const events: AuditEvent[] = [];
  for (const block of blocks) {
    const lines = await audit.lines(manifest, block);
    for (let n = 0; n < lines.count; n += 1)
      events.push(JSON.parse(Buffer.from(lineAt(lines, n)).toString('utf8')) as AuditEvent);
  }
  return events;
};

const instantOf = (text: string): string => {
  const instant = existingInstant(text);
  if (instant === undefined)
    throw new BadRequest('from', 'must be an instant in UTC, for example 2026-03-01T00:00:00Z.');
  return instant;
};

const placeOf = (text: string): Cursor => {
  const [, segment, index] = /^([1-9]\d{0,14})\.(\d{1,6})$/.exec(text) ?? [];
  if (segment === undefined || index === undefined)
    throw new BadRequest('after', 'is not one that was given here. Take next as it was answered, or leave it out.');
  return { segment: Number(segment), index: Number(index) };
};
