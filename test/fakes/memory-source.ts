import type { Hit } from '../../shared/core/event.ts';
import { streamOf } from '../../shared/core/event-key.ts';
import { beginningOfTime, endOfTime, type Instant, minuteOf, toInstant } from '../../shared/core/instant.ts';
import type { Clock } from '../../shared/ports/clock.ts';
import type { PageCursor, PageResult, Source, Walk, WalkRequest } from '../../shared/ports/source.ts';

/** What the next call of one step does instead of its work. Faults of one step queue up and are used one per call. */
export type SourceFault =
  | { readonly at: 'preflight' | 'open' | 'page' | 'countPerMinute'; readonly error: Error }
  /** The server refuses a page of this size; the next call is answered. */
  | { readonly at: 'page'; readonly answer: 'too large' }
  /** The view dies: this page and every later one of the walk is `lost`. */
  | { readonly at: 'page'; readonly answer: 'lost' }
  /** The server counts this many events more than it ever hands out, as engines with a bug do. */
  | { readonly at: 'open'; readonly countedTooMany: number };

export interface MemorySource extends Source {
  /** A document that searches find from `visibleAtMs` on (a refresh later, or hours later); at once when absent. */
  add(hit: Hit, options?: { readonly visibleAtMs?: number }): void;
  /** Deleted at the source: walks that are open still see it. */
  remove(index: string, id: string): void;
  failNext(fault: SourceFault): void;
  /** Walks that were opened and not closed. */
  openWalks(): number;
}

interface Stored {
  readonly hit: Hit;
  readonly time: Instant | undefined;
  readonly visibleAtMs: number;
}

/**
 * A `Source` in memory. The time of a hit is `sort[0]`, else its `_source[timeField]`, as Elasticsearch prints it (`…Z`);
 * anything else counts as no time. The hint `where` is ignored, as the port allows.
 */
export const memorySource = (options: {
  readonly id: string;
  readonly clock: Clock;
  readonly timeField?: string;
  readonly hits?: readonly Hit[];
}): MemorySource => {
  const timeField = options.timeField ?? '@timestamp';
  let stored: readonly Stored[] = [];
  const faults: SourceFault[] = [];
  let open = 0;

  const takeFault = (at: SourceFault['at']): SourceFault | undefined => {
    const index = faults.findIndex((fault) => fault.at === at);
    return index < 0 ? undefined : faults.splice(index, 1)[0];
  };
  const add: MemorySource['add'] = (hit, { visibleAtMs = Number.NEGATIVE_INFINITY } = {}) => {
    stored = [...stored, { hit, time: timeOf(hit, timeField), visibleAtMs }];
  };
  for (const hit of options.hits ?? []) add(hit);

  return {
    id: options.id,
    add,
    remove: (index, id) => {
      stored = stored.filter(({ hit }) => hit._index !== index || hit._id !== id);
    },
    failNext: (fault) => {
      faults.push(fault);
    },
    openWalks: () => open,

    preflight: async () => {
      const fault = takeFault('preflight');
      if (fault && 'error' in fault) throw fault.error;
      return { description: 'memory', indices: [...new Set(stored.map(({ hit }) => hit._index))] };
    },

    find: async (eventId) => {
      const found = stored.find(
        ({ hit, visibleAtMs }) =>
          `${streamOf(hit._index)}/${hit._id}` === eventId && visibleAtMs <= options.clock.nowMs(),
      );
      if (found?.time === undefined || found.time < beginningOfTime || found.time > endOfTime) return found?.hit;
      return { ...found.hit, sort: [found.time] };
    },

    countPerMinute: async ({ from, to }) => {
      const fault = takeFault('countPerMinute');
      if (fault && 'error' in fault) throw fault.error;
      const counts = new Map<string, number>();
      for (const { time, visibleAtMs } of stored) {
        if (time === undefined || time < from || time > to || visibleAtMs > options.clock.nowMs()) continue;
        counts.set(minuteOf(time), (counts.get(minuteOf(time)) ?? 0) + 1);
      }
      return counts;
    },

    open: async (request) => {
      const fault = takeFault('open');
      if (fault && 'error' in fault) throw fault.error;
      const openedAtMs = options.clock.nowMs();
      const tooMany = fault && 'countedTooMany' in fault ? fault.countedTooMany : 0;
      const hits = walked(
        stored.filter((one) => one.visibleAtMs <= openedAtMs),
        request,
      );
      open += 1;
      const closed = () => {
        open -= 1;
      };
      const countBefore = (time: Instant): number =>
        hits.filter((hit) => (timeOf(hit, timeField) ?? time) < time).length + tooMany;
      return walkOver(hits, { openedAtMs, count: hits.length + tooMany, countBefore, takeFault, closed });
    },
  };
};

const walkOver = (
  hits: readonly Hit[],
  walk: {
    readonly openedAtMs: number;
    readonly count: number;
    readonly countBefore: (time: Instant) => number;
    readonly takeFault: (at: SourceFault['at']) => SourceFault | undefined;
    readonly closed: () => void;
  },
): Walk => {
  let state: 'open' | 'lost' | 'closed' = 'open';
  const answer = (after: PageCursor | undefined, limit: number): PageResult => {
    const from = after === undefined ? 0 : Number(after[0]);
    const page = hits.slice(from, from + limit);
    const end = from + page.length;
    const next = end < hits.length ? [end] : undefined;
    return { kind: 'page', hits: page, next, bytes: JSON.stringify(page).length };
  };
  return {
    openedAtMs: walk.openedAtMs,
    count: walk.count,
    page: async (after, limit) => {
      if (state === 'closed') throw new Error('page was called on a closed walk');
      if (state === 'lost') return { kind: 'lost', reason: 'the view was lost before' };
      const fault = walk.takeFault('page');
      if (fault && 'error' in fault) throw fault.error;
      if (fault && 'answer' in fault) {
        if (fault.answer === 'lost') state = 'lost';
        return { kind: fault.answer, reason: 'as the test asked' };
      }
      return answer(after, limit);
    },
    countBefore: async (time) => walk.countBefore(time),
    close: async () => {
      if (state !== 'closed') walk.closed();
      state = 'closed';
    },
  };
};

const walked = (all: readonly Stored[], request: WalkRequest): readonly Hit[] => {
  const { range, side = 'inside', order = 'asc', ids, content } = request;
  const stored = ids ? all.filter(({ hit }) => ids.includes(hit._id)) : all;
  const shown = ({ _source, fields, ...bare }: Hit): Hit =>
    content === 'ids'
      ? bare
      : { ...bare, ...(_source !== undefined && { _source }), ...(fields !== undefined && { fields }) };
  const inside = (time: Instant | undefined): time is Instant =>
    time !== undefined && time >= range.from && time <= range.to;
  if (side === 'outside')
    return stored.filter(({ time }) => !inside(time)).map(({ hit: { sort: _, ...unsorted } }) => unsorted);
  const sorted = stored
    .flatMap(({ hit, time }, position) => (inside(time) ? [{ hit, time, position }] : []))
    .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : a.position - b.position));
  if (order === 'desc') sorted.reverse();
  return sorted.map(({ hit, time, position }) => ({ ...shown(hit), sort: [time, position] }));
};

const timeOf = (hit: Hit, timeField: string): Instant | undefined => {
  const source = hit._source;
  const text =
    hit.sort?.[0] ?? (typeof source === 'object' && source !== null ? Reflect.get(source, timeField) : undefined);
  return typeof text === 'string' ? toInstant(text) : undefined;
};
