/** Events on their way into a segment, one NDJSON buffer per tenant. */
import type { ReadEvent } from './event.ts';
import { type Instant, minuteOf } from './instant.ts';

/** The parts of an event that go into a segment. */
export type DraftEvent = Pick<ReadEvent, 'key' | 'time' | 'tenant'> &
  Partial<Pick<ReadEvent, 'redactions'>> & { readonly event: object };

export interface SegmentDraft {
  /** @param upTo the last time that the event may have beside `time`: it counts for `maxTime` */
  add(event: DraftEvent, upTo?: Instant): void;
  readonly count: number;
  /** NDJSON bytes gathered, all tenants. */
  readonly bytes: number;
  readonly minTime: Instant | null;
  readonly maxTime: Instant | null;
  readonly minutes: Readonly<Record<string, number>>;
  /** By tenant id, in ascending order. `lines` is a view that the next `clear` invalidates. */
  blocks(): readonly DraftBlock[];
  /** Empties the draft and keeps its buffers: a long walk allocates once. */
  clear(): void;
}

export interface DraftBlock {
  readonly tenant: string;
  readonly keys: readonly string[];
  readonly lines: Uint8Array;
}

interface Growing {
  buffer: Buffer;
  length: number;
  keys: string[];
}

const firstBytes = 16 * 1024;
/** Doubling ends here: a segment is 8 MiB and a page more. */
const mostGrowthBytes = 4 * 1024 * 1024;
/** UTF-8 needs at most three bytes for one UTF-16 unit. */
const mostBytesPerUnit = 3;

export const segmentDraft = (): SegmentDraft => {
  const tenants = new Map<string, Growing>();
  const minutes = new Map<string, number>();
  let count = 0;
  let bytes = 0;
  let minTime: Instant | null = null;
  let maxTime: Instant | null = null;

  const blockOf = (tenant: string): Growing => {
    const known = tenants.get(tenant);
    if (known) return known;
    const block = { buffer: Buffer.allocUnsafeSlow(firstBytes), length: 0, keys: [] };
    tenants.set(tenant, block);
    return block;
  };

  return {
    add: ({ key, time, tenant, event }, upTo = time) => {
      const block = blockOf(tenant);
      const line = JSON.stringify(event);
      const most = block.length + line.length * mostBytesPerUnit + 1;
      if (most > block.buffer.length) block.buffer = grown(block, most);
      const end = block.length + block.buffer.write(line, block.length, 'utf8');
      block.buffer[end] = 10;
      bytes += end + 1 - block.length;
      block.length = end + 1;
      block.keys.push(key);
      count += 1;
      if (time === undefined || upTo === undefined) return;
      if (minTime === null || time < minTime) minTime = time;
      if (maxTime === null || upTo > maxTime) maxTime = upTo;
      const minute = minuteOf(time);
      minutes.set(minute, (minutes.get(minute) ?? 0) + 1);
    },
    get count() {
      return count;
    },
    get bytes() {
      return bytes;
    },
    get minTime() {
      return minTime;
    },
    get maxTime() {
      return maxTime;
    },
    get minutes() {
      return Object.fromEntries(minutes);
    },
    blocks: () =>
      [...tenants]
        .filter(([, block]) => block.keys.length > 0)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([tenant, { buffer, length, keys }]) => ({ tenant, keys, lines: buffer.subarray(0, length) })),
    clear: () => {
      for (const block of tenants.values()) {
        block.length = 0;
        block.keys = [];
      }
      minutes.clear();
      count = 0;
      bytes = 0;
      minTime = null;
      maxTime = null;
    },
  };
};

const grown = (block: Growing, most: number): Buffer => {
  const larger = Buffer.allocUnsafeSlow(
    Math.max(most, Math.min(block.buffer.length * 2, block.buffer.length + mostGrowthBytes)),
  );
  block.buffer.copy(larger, 0, 0, block.length);
  return larger;
};
