/** The indices of a simulated search engine, and the documents in them. */
import type { Instant } from '../../../shared/core/instant.ts';
import type { IndexName } from '../history.ts';

export interface Document {
  readonly id: string;
  /** JSON. */
  readonly source: string;
  /** What the engine made of the time field; `undefined`: there is none that it could read. */
  readonly time: Instant | undefined;
  readonly shard: number;
  /** Searches find it from then on. */
  readonly visibleAtMs: number;
  /** Unique in the engine: the tie-break of a view. */
  readonly order: number;
}

export interface Index {
  /** Of the moment: shrinking renames it. */
  readonly name: string;
  readonly family: IndexName;
  readonly precision: 'millis' | 'nanos';
  readonly documents: Document[];
}

/** `fails`: its hits are missing and counted as failed · `times out`: missing, the search says it timed out · `away`: its cluster is skipped. */
export type ShardState = 'up' | 'fails' | 'times out' | 'away';

export interface IndexSet {
  /** In the order in which they were made. */
  readonly indices: readonly Index[];
  readonly shards: readonly ShardState[];
  add(family: IndexName, document: Omit<Document, 'order'>): void;
  /** A new backing index takes what is written to the data stream from now on. */
  rollOver(): void;
  /** The oldest backing index is replaced by a copy of another name, after a new one takes what is written; views of it are lost. */
  shrink(): Index | undefined;
  /** The oldest backing index goes, with all in it, once there is a newer one. */
  deleteOldest(): Index | undefined;
  setShard(shard: number, state: ShardState): void;
}

export const shardCount = 2;

const backing = (generation: number): string => `.ds-closer-stream-2026.03.01-${String(generation).padStart(6, '0')}`;

export const indexSet = (): IndexSet => {
  let generation = 1;
  let made = 0;
  let indices: readonly Index[] = [
    { name: 'closer-millis', family: 'millis', precision: 'millis', documents: [] },
    { name: 'closer-nanos', family: 'nanos', precision: 'nanos', documents: [] },
    { name: backing(1), family: 'stream', precision: 'millis', documents: [] },
  ];
  let shards: readonly ShardState[] = Array.from({ length: shardCount }, () => 'up' as const);
  const streams = (): readonly Index[] => indices.filter(({ family }) => family === 'stream');
  const rollOver = (): void => {
    generation += 1;
    indices = [...indices, { name: backing(generation), family: 'stream', precision: 'millis', documents: [] }];
  };

  return {
    get indices() {
      return indices;
    },
    get shards() {
      return shards;
    },
    add: (family, document) => {
      const home = indices.findLast((index) => index.family === family);
      home?.documents.push({ ...document, order: made++ });
    },
    rollOver,
    shrink: () => {
      const old = streams().find(({ name }) => name.startsWith('.ds-'));
      if (!old) return undefined;
      if (streams().length < 2) rollOver();
      indices = indices.map((index) => (index === old ? { ...old, name: `shrink-x1-${old.name}` } : index));
      return old;
    },
    deleteOldest: () => {
      const [oldest, newer] = streams();
      if (!oldest || !newer) return undefined;
      indices = indices.filter((index) => index !== oldest);
      return oldest;
    },
    setShard: (shard, state) => {
      shards = shards.map((before, at) => (at === shard ? state : before));
    },
  };
};
