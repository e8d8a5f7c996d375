import type { CursorSeal, Position } from '../core/cursor-seal.ts';
import { filterHash } from '../core/event-query.ts';
import type { Instant } from '../core/instant.ts';
import type { QueryDeps, QueryRequest } from './answer-query.ts';
import { findRead } from './find-event.ts';

export type Behind =
  | { readonly kind: 'behind'; readonly cursor: string; readonly time: Instant }
  /** None has this id, or it is another tenant's: nobody learns which. */
  | { readonly kind: 'unknown' }
  /** It has no readable time, so it stands in no order. */
  | { readonly kind: 'timeless' };

type Question = Pick<QueryRequest, 'tenant' | 'filter' | 'sort'> & { readonly asOfMs: number };

/**
 * The cursor with which a question goes on behind one of the tenant's events, as if `next` had been given there.
 * @throws RetryLater when the source does not answer
 */
export const cursorBehind = async (deps: QueryDeps, question: Question, id: string): Promise<Behind> => {
  const found = await findRead(deps, { tenant: question.tenant, id });
  if (!found) return { kind: 'unknown' };
  const { key, time } = found;
  return time === undefined
    ? { kind: 'timeless' }
    : { kind: 'behind', cursor: cursorAt(deps.seal, question, { time, key }), time };
};

export const cursorAt = (seal: CursorSeal, { tenant, filter, sort, asOfMs }: Question, position: Position): string =>
  seal.seal(tenant, { position, sort, filter: filterHash(filter), asOfMs });
