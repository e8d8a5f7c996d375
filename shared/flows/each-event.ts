import { TooMuchAtOnce } from '../core/errors.ts';
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
 * Every event that the question accepts, oldest first, each once, in constant memory.
 * @throws TooMuchAtOnce when not all of them could be read within `deadlineMs`; what was given until then is not the whole
 */
export async function* eachEvent(
  deps: QueryDeps,
  request: Omit<QueryRequest, 'limit' | 'cursor' | 'sort'>,
  { deadlineMs = usualDeadlineMs }: { readonly deadlineMs?: number } = {},
): AsyncGenerator<EcsEvent, void> {
  const limits = { ...deps.limits, budgetMs: deadlineMs, deadlineMs };
  // Each part has the time that those before it have left.
  const parts = eachPart({ ...deps, limits }, { ...request, sort: 'asc', startedMs: deps.clock.nowMs() });
  let read = 0;
  let first: EcsEvent | undefined;
  let last: EcsEvent | undefined;
  try {
    for await (const { events } of parts) {
      yield* events;
      read += events.length;
      first ??= events[0];
      last = events.at(-1) ?? last;
    }
  } catch (error) {
    if (!(error instanceof DeadlinePassed)) throw error;
    throw new TooMuchAtOnce(inParts(read, first, last), { cause: error });
  }
}

/** Says nothing of events that are not the caller's: not even when they are. */
const inParts = (read: number, first: EcsEvent | undefined, last: EcsEvent | undefined): string => {
  const [firstMs, lastMs] = [first, last].map((event) => Date.parse(event?.['@timestamp'] ?? '')) as [number, number];
  // Of the last millisecond there may be more.
  if (!(firstMs < lastMs))
    return 'Not all events of the question could be read in time. Ask for a shorter time, or narrow it by action or user.';
  const through = new Date(lastMs - 1).toISOString();
  const rest = new Date(lastMs).toISOString();
  return (
    `Not all events of the question could be read in time: ${read} were, all through ${through}. ` +
    `Ask for a shorter time, for example to=${through}, then from=${rest}, and add the answers.`
  );
};
