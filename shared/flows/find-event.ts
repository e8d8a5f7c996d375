import { type EcsEvent, everyTenant, type ReadEvent } from '../core/event.ts';
import type { QueryDeps } from './answer-query.ts';
import { inTime, usualDeadlineMs } from './in-time.ts';

/**
 * One event by its `event.id`, redacted; the only way to those without a readable time.
 * @returns `undefined` when there is none, or when it is another tenant's: nobody learns which
 * @throws RetryLater when the source does not answer
 */
export const findEvent = async (
  deps: Pick<QueryDeps, 'source' | 'read' | 'clock'>,
  asked: { readonly tenant: string; readonly id: string },
): Promise<EcsEvent | undefined> => (await findRead(deps, asked))?.event;

/** The same, with what reading tells beside the event: its place in every order, which only what a walk brings has. */
export const findRead = async (
  { source, read, clock }: Pick<QueryDeps, 'source' | 'read' | 'clock'>,
  { tenant, id }: { readonly tenant: string; readonly id: string },
): Promise<ReadEvent | undefined> => {
  const hit = await inTime(clock, clock.nowMs() + usualDeadlineMs, () => source.find(id));
  if (!hit) return undefined;
  const found = read(hit, new Date(clock.nowMs()).toISOString());
  if (tenant !== everyTenant && found.tenant !== tenant) return undefined;
  return hit.sort === undefined ? { ...found, time: undefined } : found;
};
