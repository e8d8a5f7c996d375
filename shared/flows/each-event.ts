import { RetryLater } from '../core/errors.ts';
import type { EcsEvent } from '../core/event.ts';
import { answerQuery, type QueryAnswer, type QueryDeps, type QueryRequest } from './answer-query.ts';
import { DeadlinePassed, usualDeadlineMs } from './in-time.ts';

export interface Parts {
  readonly limit: number;
  readonly maxBytes: number;
  /** For each part behind the first, from its own beginning on; absent: all parts share the time of the question. */
  readonly laterDeadlineMs?: number;
}

/** Larger answers save views; they are held one at a time. */
const largePart: Parts = { limit: 5_000, maxBytes: 16 * 1_024 * 1_024 };

/**
 * Every event that the question accepts, in order, each once, in answers one after the other: no view is kept open between them, so that
 * whoever takes them may take its time.
 * @throws RetryLater when the source does not answer; the last `next` tells where to go on
 */
export async function* eachPart(
  deps: QueryDeps,
  request: Omit<QueryRequest, 'limit'>,
  { limit, maxBytes, laterDeadlineMs }: Parts = largePart,
): AsyncGenerator<QueryAnswer, void> {
  let limits = { ...deps.limits, maxBytes };
  let asked: QueryRequest = { ...request, asOfMs: request.asOfMs ?? deps.clock.nowMs(), limit };
  for (;;) {
    const answer = await answerQuery({ ...deps, limits }, asked);
    yield answer;
    if (answer.next === undefined) return;
    asked = { ...asked, cursor: answer.next };
    if (laterDeadlineMs === undefined) continue;
    limits = { ...limits, deadlineMs: laterDeadlineMs };
    asked = { ...asked, startedMs: deps.clock.nowMs() };
  }
}

/**
 * Every event that the question accepts, in order, each once, in constant memory.
 * @throws RetryLater when not all of them could be read within `deadlineMs`; what was given until then is not the whole
 */
export async function* eachEvent(
  deps: QueryDeps,
  request: Omit<QueryRequest, 'limit' | 'cursor'>,
  { deadlineMs = usualDeadlineMs }: { readonly deadlineMs?: number } = {},
): AsyncGenerator<EcsEvent, void> {
  const limits = { ...deps.limits, budgetMs: deadlineMs, deadlineMs };
  // Each part has the time that those before it have left.
  const parts = eachPart({ ...deps, limits }, { ...request, startedMs: deps.clock.nowMs() });
  try {
    for await (const { events } of parts) yield* events;
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new RetryLater('Not all events of the question could be read in time. Narrow it by time, action or user.');
  }
}
