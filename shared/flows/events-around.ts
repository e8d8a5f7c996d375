import type { EcsEvent } from '../core/event.ts';
import { answerQuery, type QueryDeps } from './answer-query.ts';
import { cursorAt } from './cursor-behind.ts';
import { findRead } from './find-event.ts';

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
  const asOfMs = deps.clock.nowMs();
  const found = await findRead(deps, { tenant, id });
  if (!found) return undefined;
  const { event, key, time } = found;
  if (time === undefined) return { event, before: [], after: [] };
  const beside = async (sort: 'asc' | 'desc'): Promise<readonly EcsEvent[]> => {
    const question = { tenant, filter: {}, sort, asOfMs, startedMs: asOfMs };
    const cursor = cursorAt(deps.seal, question, { time, key });
    return (await answerQuery(deps, { ...question, limit: count, cursor })).events;
  };
  const [before, after] = await Promise.all([beside('desc'), beside('asc')]);
  return { event, before: before.toReversed(), after };
};
