import { RetryLater } from '../core/errors.ts';
import type { EcsEvent } from '../core/event.ts';
import { answerQuery, type QueryDeps, type QueryRequest } from './answer-query.ts';

/** Larger answers save views; they are held one at a time. */
const page = { limit: 5_000, maxBytes: 16 * 1_024 * 1_024 } as const;
/** Under the 30 s of API Gateway. */
const usualDeadlineMs = 20_000;

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
  const asOfMs = request.asOfMs ?? startedMs;
  const limits = { ...deps.limits, maxBytes: page.maxBytes };
  for (let cursor: string | undefined; ; ) {
    const asked = { ...request, asOfMs, limit: page.limit, ...(cursor !== undefined && { cursor }) };
    const { events, next } = await answerQuery({ ...deps, limits }, asked);
    yield* events;
    if (next === undefined) return;
    if (deps.clock.nowMs() - startedMs >= deadlineMs)
      throw new RetryLater('Not all events of the question could be read in time. Narrow it by time, action or user.');
    cursor = next;
  }
}
