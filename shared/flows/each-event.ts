import { RetryLater } from '../core/errors.ts';
import type { EcsEvent } from '../core/event.ts';
import { answerQuery, type QueryAnswer, type QueryDeps, type QueryRequest } from './answer-query.ts';

/** Larger answers save views; they are held one at a time. */
const largePart = { limit: 5_000, maxBytes: 16 * 1_024 * 1_024 } as const;
/** Under the 30 s of API Gateway. */
const usualDeadlineMs = 20_000;

/**
 * Every event that the question accepts, in order, each once, in answers one after the other: no view is kept open between them, so that
 * whoever takes them may take its time.
 * @throws RetryLater when the source does not answer; the last `next` tells where to go on
 */
export async function* eachPart(
  deps: QueryDeps,
  request: Omit<QueryRequest, 'limit'>,
  { limit, maxBytes }: { readonly limit: number; readonly maxBytes: number } = largePart,
): AsyncGenerator<QueryAnswer, void> {
  const asOfMs = request.asOfMs ?? deps.clock.nowMs();
  const limits = { ...deps.limits, maxBytes };
  for (let { cursor } = request; ; ) {
    const answer = await answerQuery(
      { ...deps, limits },
      { ...request, asOfMs, limit, ...(cursor !== undefined && { cursor }) },
    );
    yield answer;
    if (answer.next === undefined) return;
    cursor = answer.next;
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
  const startedMs = deps.clock.nowMs();
  for await (const { events, next } of eachPart(deps, request)) {
    yield* events;
    if (next !== undefined && deps.clock.nowMs() - startedMs >= deadlineMs)
      throw new RetryLater('Not all events of the question could be read in time. Narrow it by time, action or user.');
  }
}
