import type { QueryCursor } from '../core/cursor-seal.ts';
import { type EcsEvent, everyTenant } from '../core/event.ts';
import { filterHash } from '../core/event-query.ts';
import { answerQuery, type QueryDeps } from './answer-query.ts';

export interface EventAround {
  readonly event: EcsEvent;
  /** Of the same tenant, oldest first, the nearest last. */
  readonly before: readonly EcsEvent[];
  /** Of the same tenant, oldest first, the nearest first. */
  readonly after: readonly EcsEvent[];
}

/**
 * One event by its `event.id`, and up to `count` of the tenant's events on either side of it, in the order of every answer. An event without
 * a readable time has no neighbours.
 * @returns `undefined` when there is none, or when it is another tenant's: nobody learns which
 */
export const eventAround = async (
  deps: QueryDeps,
  { tenant, id, count }: { readonly tenant: string; readonly id: string; readonly count: number },
): Promise<EventAround | undefined> => {
  const hit = await deps.source.find(id);
  if (!hit) return undefined;
  const nowMs = deps.clock.nowMs();
  const { key, time, tenant: owner, event } = deps.read(hit, new Date(nowMs).toISOString());
  if (tenant !== everyTenant && owner !== tenant) return undefined;
  if (time === undefined) return { event, before: [], after: [] };
  const beside = async (sort: 'asc' | 'desc'): Promise<readonly EcsEvent[]> => {
    const cursor: QueryCursor = { position: { time, key }, sort, filter: filterHash({}), asOfMs: nowMs };
    const request = { tenant, filter: {}, sort, limit: count, asOfMs: nowMs, cursor: deps.seal.seal(tenant, cursor) };
    return (await answerQuery(deps, request)).events;
  };
  const [before, after] = await Promise.all([beside('desc'), beside('asc')]);
  return { event, before: before.toReversed(), after };
};
