import { setTimeout as pause } from 'node:timers/promises';
import type { Server } from '../elasticsearch/server.ts';
import { anEntry } from './stage.ts';

/** An index that is written to while it is read. */
export interface GrowingLog {
  /** `event.id` of every event written so far. */
  readonly ids: readonly string[];
  create(): Promise<void>;
  /** Begins to write; `random` decides how many at a time, and how old. */
  grow(random: () => number): void;
  /** Resolves when the last write is answered. */
  stop(): Promise<void>;
}

export const growingLog = (server: Server, index: string): GrowingLog => {
  const ids: string[] = [];
  let writing = true;
  let written: Promise<void> | undefined;

  /** Some events at a time, a few of them older than others, many of one millisecond. */
  const write = async (random: () => number): Promise<void> => {
    for (let n = 0; writing; ) {
      const lines: string[] = [];
      for (const end = n + 1 + Math.floor(random() * 40); n < end; n += 1) {
        ids.push(`${index}/e${n}`);
        lines.push(JSON.stringify({ create: { _index: index, _id: `e${n}` } }));
        lines.push(JSON.stringify(anEntry(n, random() < 0.2 ? random() * 60_000 : 0)));
      }
      // Becomes visible when the index refreshes, up to a second later: not when it is written.
      const answer = await server.send('POST', '/_bulk', `${lines.join('\n')}\n`);
      if (Reflect.get(Object(answer), 'errors') !== false) throw new Error(`_bulk: ${JSON.stringify(answer)}`);
      await pause(50);
    }
  };

  return {
    ids,
    create: async () => {
      await server.send('PUT', `/${index}`, {
        settings: { number_of_shards: 2, number_of_replicas: 0, refresh_interval: '1s' },
        mappings: { properties: { '@timestamp': { type: 'date' } } },
      });
    },
    grow: (random) => {
      written = write(random);
    },
    stop: async () => {
      writing = false;
      await written;
    },
  };
};
