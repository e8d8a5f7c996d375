import type { Position } from './cursor-seal.ts';
import type { EcsEvent } from './event.ts';
import type { Instant } from './instant.ts';

interface Candidate {
  readonly key: string;
  readonly event: EcsEvent;
  /** As it is answered: written once, to be measured and to be answered. */
  readonly text: string;
  readonly bytes: number;
}

/**
 * One answer, gathered from a walk in time order. Events of the same time may come in any order, and all events of an instant may come
 * again.
 *
 * Whether the answer is full, and its position then, follow from the events that were taken alone: events that were refused, such as another
 * tenant's, and events that follow change neither.
 */
export interface AnswerPage {
  /**
   * Reports the time of the next event of the walk, whether it matches or not: the instant before is complete then.
   * @returns `full` when the answer is full; then nothing more may be reported. `passed` for a time in front of the position, which changes
   * nothing: an event of several times is found by each of them
   */
  reach(time: Instant): 'open' | 'full' | 'passed';
  /** Takes a matching event of the time that was last reached. */
  add(key: string, event: EcsEvent): void;
  /**
   * Forgets the events of the instant that is not complete yet. Call it when the walk broke; it goes on from `position()` and brings them
   * again.
   */
  abandon(): void;
  /** The walk is at its end. @returns `full` when the answer is, or when events of the last instant did not fit */
  finish(): 'open' | 'full';
  /** The position behind all events that were taken or refused; `undefined` at the very start. */
  position(): Position | undefined;
  /** Whether the position has moved since the page was begun, so that the next page would get further if this one stopped now. */
  advanced(): boolean;
  /** How many events were taken. */
  size(): number;
  events(): readonly EcsEvent[];
  /** The same events as `write` writes them. */
  texts(): readonly string[];
}

/**
 * Orders by (time, key), so that pages neither skip nor repeat an event, ties included, without a view that must be kept open.
 * Holds at most twice what the answer may hold, however many events share one instant. Two events with the same time and key are one.
 *
 * @param request.maxBytes UTF-8 bytes in one answer, as JSON and as written; a first event larger than that is taken all the same
 * @param request.write how an event is answered; default: as JSON
 */
export const answerPage = (request: {
  readonly sort: 'asc' | 'desc';
  readonly limit: number;
  readonly maxBytes: number;
  readonly after?: Position;
  readonly write?: ((event: EcsEvent) => string) | undefined;
}): AnswerPage => {
  const { sort, limit, maxBytes, after, write } = request;
  const taken: Candidate[] = [];
  let takenBytes = 0;
  let position = after;
  let advanced = false;
  let time: Instant | undefined;
  let waiting: Candidate[] = [];
  let waitingBytes = 0;
  let dropped = false;

  const follows = (a: string, b: string): boolean => (sort === 'asc' ? a > b : a < b);

  /** Keeps the waiting candidates that fit into the rest of the answer, in order, and sets `dropped` if some do not fit. */
  const prune = (): void => {
    waiting.sort((a, b) => (a.key === b.key ? 0 : follows(a.key, b.key) ? 1 : -1));
    const fitting: Candidate[] = [];
    let bytes = 0;
    for (const candidate of waiting) {
      if (candidate.key === fitting.at(-1)?.key) continue;
      const empty = taken.length + fitting.length === 0;
      const fits = taken.length + fitting.length < limit && takenBytes + bytes + candidate.bytes <= maxBytes;
      if (!empty && !fits) {
        dropped = true;
        break;
      }
      fitting.push(candidate);
      bytes += candidate.bytes;
    }
    waiting = fitting;
    waitingBytes = bytes;
  };

  const forget = (): void => {
    time = undefined;
    waiting = [];
    waitingBytes = 0;
    dropped = false;
  };

  /** Completes the instant. @returns whether all of it fitted */
  const close = (): 'whole' | 'cut' => {
    if (time === undefined) return 'whole';
    prune();
    const last = waiting.at(-1);
    taken.push(...waiting);
    takenBytes += waitingBytes;
    if (!dropped) position = { time };
    else if (last) position = { time, key: last.key };
    advanced ||= last !== undefined || time !== after?.time;
    const result = dropped ? 'cut' : 'whole';
    forget();
    return result;
  };

  const closed = (): 'open' | 'full' =>
    close() === 'cut' || taken.length >= limit || takenBytes >= maxBytes ? 'full' : 'open';

  return {
    reach: (next) => {
      if (next === time) return 'open';
      if (position !== undefined && next !== position.time && !follows(next, position.time)) return 'passed';
      const answer = closed();
      time = next;
      return answer;
    },
    add: (key, event) => {
      if (time === undefined) throw new Error('An event was added before its time was reached.');
      if (time === position?.time && (position.key === undefined || !follows(key, position.key))) return;
      const json = JSON.stringify(event);
      const text = write?.(event) ?? json;
      // OCSF is up to twice as long as JSON, a CSV of few columns far shorter: neither the answer nor the memory may grow.
      const bytes = Math.max(Buffer.byteLength(json), Buffer.byteLength(text)) + 1;
      waiting.push({ key, event, text, bytes });
      waitingBytes += bytes;
      if (waiting.length > 2 * limit || waitingBytes > 2 * maxBytes) prune();
    },
    abandon: forget,
    finish: closed,
    position: () => position,
    advanced: () => advanced,
    size: () => taken.length,
    events: () => taken.map(({ event }) => event),
    texts: () => taken.map(({ text }) => text),
  };
};
