/**
 * A history as data: what happens, in which order, what goes wrong. The same history always plays the same, so it can be kept in a file,
 * and a part of it can be left away to see whether it still fails.
 */

export interface History {
  /** What it was invented from; names it, and decides nothing when it is played. */
  readonly seed: number;
  readonly traits: Traits;
  readonly rounds: readonly Round[];
}

/** What holds for the whole of a history, its quiet end included. */
export interface Traits {
  /**
   * `overlap`: events become visible so soon that pull alone must find them, and nothing reconciles. `horizon`: some come hours late.
   * `retention`: some come later still, and the end brings them by a backfill.
   */
  readonly lateness: 'overlap' | 'horizon' | 'retention';
  /** How long after its arrival a shard shows a document, at most. */
  readonly refreshMs: number;
  /** The server never gives more hits than this, whatever was asked for; it does not say so. */
  readonly mostHits: number;
  /** The server refuses pages larger than this; 0: it takes all. */
  readonly refusedAbove: number;
  /** How the server says that it knows no such view: with a 404, or with a 200 that searched no shard. */
  readonly unknownView: 'missing' | 'no shards';
  /** Events in a segment before it is appended mid-walk. */
  readonly segmentEvents: number;
}

/** Everything in a round is under way at once; the next round begins when all of it has ended or died. */
export interface Round {
  readonly actors: readonly Actor[];
  /**
   * Who goes on at each step: modulo the number of actors that wait it says which of them, divided by it which of that one's calls. Afterwards
   * always the call that waits longest.
   */
  readonly order: readonly number[];
}

export type Actor = WorldActor | RunActor;

/** What happens to the world, at one moment. */
export type WorldActor =
  | { readonly kind: 'write'; readonly documents: readonly Written[] }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'engine'; readonly what: EngineChange; readonly shard: number }
  | { readonly kind: 'settings'; readonly what: SettingsChange }
  /** The checkpoint becomes the one that was stored so many times ago: somebody has put back a backup. */
  | { readonly kind: 'restore'; readonly ago: number };

export type EngineChange =
  | 'roll over'
  | 'shrink'
  | 'delete oldest'
  | 'restart'
  | 'shard fails'
  | 'shard times out'
  | 'cluster away'
  | 'shards return';

export type SettingsChange =
  | 'add subscription'
  | 'change filter'
  | 'change limits'
  | 'change format'
  | 'extend directory';

/** A document as it arrives at the search engine. */
export interface Written {
  readonly id: string;
  readonly index: IndexName;
  readonly owner: Owner;
  /** Its time lies this long before the moment of writing (negative: after it), cut down to a multiple of `floorMs`. */
  readonly time: { readonly ageMs: number; readonly floorMs: number; readonly nanos: number } | 'none';
  /** From the moment of writing until it is indexed. */
  readonly delayMs: number;
  readonly outcome: 'success' | 'failure';
}

/** `stream`: a data stream, whose backing indices come and go. */
export type IndexName = 'millis' | 'nanos' | 'stream';

export type Owner = 'aurora' | 'aurora new' | 'baltic' | 'cobalt' | 'nobody' | 'torn';

/** A run of one flow, in a process of its own. */
export type RunActor = {
  /** How far this machine's clock is ahead. */
  readonly skewMs: number;
  /** The run is told to end after so many calls; 0: never. */
  readonly patience: number;
  readonly faults: readonly Fault[];
} & (
  | { readonly kind: 'pull' }
  | { readonly kind: 'deliver'; readonly who: number }
  /** Somebody holds a subscription, or lets it go on. */
  | { readonly kind: 'pause' | 'resume'; readonly who: number }
  | { readonly kind: 'wake' }
  /** `due`: whatever rung is. */
  | { readonly kind: 'reconcile'; readonly rung: 'due' | 'horizon' }
  | { readonly kind: 'backfill'; readonly fromAgoMs: number }
  | { readonly kind: 'reattribute' }
);

/** What goes wrong at the `nth` call of an operation within one run, counted from 0. */
export interface Fault {
  readonly at: Operation | 'any';
  readonly nth: number;
  readonly what: Mishap;
}

export type Operation =
  | 'source.look'
  | 'source.open'
  | 'source.count'
  | 'source.minutes'
  | 'source.page'
  | 'source.close'
  | 'blob.put'
  | 'blob.get'
  | 'blob.list'
  | 'record.get'
  | 'record.set'
  | 'record.range'
  | 'record.due'
  | 'record.remove'
  | 'queue.wake'
  | 'send'
  | 'sleep';

export type Mishap =
  /** The process dies: before the call leaves, after it took effect, or while it is on its way and takes effect later. */
  | 'killed before'
  | 'killed after'
  | 'killed under way'
  /** The answer does not come: nothing has happened, or all has. */
  | 'lost before'
  | 'lost after'
  /** It took effect, and the store's own second try was told that somebody else was first. */
  | 'told twice'
  /** It takes effect at once, and the answer comes when others have gone on. */
  | 'slow'
  | EngineMishap
  | ReceiverMishap;

export type EngineMishap =
  | 'shard failed'
  | 'timed out'
  | 'cluster skipped'
  | 'hit left out'
  | 'empty page'
  | 'view lost'
  | 'status 413'
  | 'status 429'
  | 'status 503';

export type ReceiverMishap = 'answers 401' | 'answers 410' | 'answers 413' | 'answers 429' | 'answers 503';
