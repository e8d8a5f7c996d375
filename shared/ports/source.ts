import type { Hit } from '../core/event.ts';
import type { Filter } from '../core/filter.ts';
import type { Instant } from '../core/instant.ts';
import type { LeftView } from '../core/left-walk.ts';
import type { Tenant } from '../core/tenants.ts';

/**
 * Where events come from: one index pattern, or one NDJSON log. Read only.
 *
 * The pull flow calls `preflight` once per run, then `open`, then `page` until a page comes without `next`, then `close`.
 * The query flow does the same with `order` and `where`. Several walks may be open at once.
 */
export interface Source {
  /** Stable name of the source: the name of its checkpoint and of its journal. */
  readonly id: string;

  /**
   * Resolves when the source can be walked: something matches, and the time field sorts in every part of it.
   * @throws OperatorMustFix naming the setting and the fix: nothing matches, no permission, time field is no date, unknown host
   * @throws RetryLater when nothing answers in time
   */
  preflight(): Promise<SourceFacts>;

  /**
   * A frozen view (a point in time) of the events in a closed range: both ends belong to it.
   * @throws RetryLater when the view would not be whole
   */
  open(request: WalkRequest): Promise<Walk>;

  /**
   * The first hits of a walk, at most `limit`, without a view: one request where one page is enough. Absent where a walk is as cheap.
   * Ties may come in any order, and of the last time there may be more.
   * @throws RetryLater when no whole answer came in time
   */
  first?(request: WalkRequest, limit: number): Promise<FirstHits>;

  /**
   * The hit behind one event id (`event.id`: name of index or data stream, `/`, `_id`), when this source holds it; those without a readable time too.
   * Its time is the first of its sort values, the same as in a walk; it has none when it lies on the outside of every range.
   * Looks only where the source's own pattern allows, whatever index the id names.
   * @returns `undefined` when there is none
   * @throws RetryLater when no whole answer came in time
   */
  find(eventId: string): Promise<Hit | undefined>;

  /**
   * How many events the source holds now, by the minute of their time (`YYYY-MM-DDTHH:mm`, UTC). Both ends belong to the range;
   * minutes without events are absent. Reconcile calls it once for what it compares with the journal.
   * @param range of any length: an adapter cuts it into as many requests as it needs, each of them whole
   * @throws RetryLater when no whole answer came in time
   */
  countPerMinute(range: WalkRequest['range']): Promise<ReadonlyMap<string, number>>;
}

export interface FirstHits {
  readonly hits: readonly Hit[];
  /** `all`: there are no others · `more`: there are, or it cannot be told; walk. */
  readonly extent: 'all' | 'more';
}

export interface SourceFacts {
  /** For people: `Elasticsearch 8.19.21`, `NDJSON file`. */
  readonly description: string;
  readonly indices: readonly string[];
}

export interface WalkRequest {
  /** Both ends belong to the range. `'outside'`: every event without a readable time, and those outside the given range. */
  readonly range: { readonly from: Instant; readonly to: Instant };
  readonly side?: 'inside' | 'outside';
  /** Order by the time field; the default is oldest first. Ties in an order of the source's own, stable within one walk. */
  readonly order?: 'asc' | 'desc';
  /**
   * A hint. The walk must bring every event that `matches(where, event)` accepts and may bring others:
   * the caller applies the predicate to what it read.
   */
  readonly where?: Filter;
  /** A hint like `where`: only events that these values may make this tenant's are wanted. */
  readonly evidence?: Tenant;
  /** A hint. `ids`: `_index`, `_id` and the time are all that is wanted of a hit; its content may be left out. Default: `whole`. */
  readonly content?: 'whole' | 'ids';
  /** A hint like `where`: hits with one of these `_id`s are wanted, at most 1 000. */
  readonly ids?: readonly string[];
  /**
   * A view that an earlier walk of the same request left open: it is gone on in, with the cursors of that walk. Its pages are `lost` when
   * the source no longer has it. Given only to a source whose walks can be left.
   */
  readonly view?: LeftView;
}

/** Not safe for concurrent `page` calls, but the next page may be asked for before the last one is worked on. */
export interface Walk {
  /**
   * Our clock, taken before the view was opened: whatever was visible then is in it. A source with a clock of its own (a log file: its
   * newest event) gives that, when it is behind ours.
   */
  readonly openedAtMs: number;
  /** How many events the source says lie in the walk; with `where`, `evidence` or `ids`, how many the hint leaves. */
  readonly count: number;
  /**
   * The events after `after` (the start when it is absent), at most `limit`, in the walk's order.
   * Repeating a call repeats its answer. An incomplete answer of the server is never returned as a page.
   * @throws RetryLater when no whole answer came in time; nothing was consumed
   */
  page(after: PageCursor | undefined, limit: number): Promise<PageResult>;
  /**
   * How many of this view's events lie before `time` (exclusive): what a walk that has reached `time` must have brought.
   * @throws RetryLater when the source does not answer
   */
  countBefore(time: Instant): Promise<number>;
  /**
   * Instead of `close`: the view stays open for minutes, so that a later `open` may go on in it. Absent where a source keeps no views.
   * @returns `undefined` when this view cannot be named in a record; close it then
   */
  leave?(): LeftView | undefined;
  /** Frees the view, also while a page is under way that nobody waits for any more. Never throws: a view that cannot be freed expires by itself. */
  close(): Promise<void>;
}

/** Opaque to flows; valid within its walk only. */
export type PageCursor = readonly unknown[];

export type PageResult =
  | {
      readonly kind: 'page';
      readonly hits: readonly Hit[];
      readonly next: PageCursor | undefined;
      readonly bytes: number;
    }
  /** The view is gone or lost a part. Open a new one from the last time, inclusive. */
  | { readonly kind: 'lost'; readonly reason: string }
  /** The server refuses a page of this size (429, 413, memory), or its answer `isTooLong` for us: ask for half. */
  | { readonly kind: 'too large'; readonly reason: string; readonly isTooLong?: true };
